/**
 * Runs in the page (embedded as text): sorting of the tables that are small enough to be in the document whole. They have
 * the class `sortable`, their cells the value to sort by in `data-v`.
 */
import type { Doc, Elem } from './dom.ts';

/** Self-contained. */
export function activateSort(doc: Doc): void {
  const value = (row: Elem, column: number) => {
    const cell = [...row.children][column]!;
    return cell.dataset.v ?? cell.textContent ?? '';
  };
  const compare = (a: string, b: string) =>
    a === '' || b === '' || Number.isNaN(Number(a) - Number(b))
      ? a.localeCompare(b, 'en', { numeric: true })
      : Number(a) - Number(b);
  for (const table of doc.querySelectorAll('table.sortable')) {
    const body = table.querySelector('tbody')!;
    const heads = [...table.querySelectorAll('thead th')];
    heads.forEach((head, column) => {
      const button = doc.createElement('button');
      button.setAttribute('type', 'button');
      button.textContent = head.textContent;
      button.addEventListener('click', () => {
        // Numbers come with the largest first, names in alphabetical order; a second click turns round.
        const now = head.getAttribute('aria-sort');
        const down = now === null ? head.classList.contains('n') : now === 'ascending';
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        const rows = [...body.children].sort((a, b) => compare(value(a, column), value(b, column)));
        body.replaceChildren(...(down ? rows.reverse() : rows));
      });
      head.replaceChildren(button);
    });
  }
}
