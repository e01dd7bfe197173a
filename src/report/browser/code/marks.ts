/**
 * Runs in the page (embedded as text): which lines of the panes of code stand at which guest place, and the marking of
 * all lines at one place.
 */
import type { Elem } from '../dom.ts';

export interface Marks {
  /** Forgets all lines. */
  clear(): void;
  /** Forgets the lines of one pane. */
  drop(box: Elem): void;
  /** Notes the places of a line: those given, else the first `+0x…` in it. */
  add(line: Elem, text: string, at?: readonly number[]): void;
  /** Marks the lines at a place (hexadecimal digits) or at any of several with commas between them, or none. */
  mark(at: string | null): void;
  /** Scrolls all panes but one to a place. */
  align(at: string, but: Elem | null): void;
}

/** Self-contained. `area` holds the panes. */
export function makeMarks(area: Elem): Marks {
  const places = new Map<string, Elem[]>();
  let marked: Elem[] = [];

  /** First line of a pane at a place or behind it: fused and removed instructions have no line of their own. */
  function nearest(box: Elem, at: string): Elem | undefined {
    const wanted = Number.parseInt(at, 16);
    let best = Number.POSITIVE_INFINITY;
    let found: Elem | undefined;
    for (const line of box.querySelectorAll('[data-at]')) {
      const distance = Number.parseInt(line.dataset.at!, 16) - wanted;
      if (distance < 0 || distance >= best) continue;
      best = distance;
      found = line;
    }
    return found;
  }

  return {
    clear() {
      places.clear();
      marked = [];
    },
    drop(box) {
      for (const [at, list] of places) {
        const left = list.filter((line) => line.parentElement !== box);
        places.set(at, left);
      }
    },
    add(line, text, given) {
      const found = /\+0x([0-9a-f]+)/.exec(text)?.[1];
      const all = given?.map((offset) => offset.toString(16)) ?? (found === undefined ? [] : [found]);
      if (all.length === 0) return;
      line.dataset.at = all.join();
      for (const at of all) {
        const list = places.get(at);
        if (list) list.push(line);
        else places.set(at, [line]);
      }
    },
    mark(at) {
      for (const line of marked) {
        line.classList.remove('hit');
        line.removeAttribute('aria-selected');
      }
      marked = at === null ? [] : at.split(',').flatMap((place) => places.get(place) ?? []);
      for (const line of marked) {
        line.classList.add('hit');
        line.setAttribute('aria-selected', 'true');
      }
    },
    align(at, but) {
      for (const line of area.querySelectorAll('.near')) line.classList.remove('near');
      for (const box of area.querySelectorAll('.lines')) {
        const exact = marked.find((line) => line.parentElement === box);
        const line = exact ?? nearest(box, at);
        if (!exact) line?.classList.add('near');
        if (line && box !== but) box.scrollTop = line.offsetTop - box.clientHeight / 3;
      }
    },
  };
}
