/**
 * HTML as values, so that nothing unescaped can reach the page by accident: the tag `html` escapes every
 * interpolation that is not itself `Html`.
 *
 *     html`<td>${'a<b'}</td>`.text            // <td>a&lt;b</td>
 *     html`<tr>${cells.map((c) => html`<td>${c}</td>`)}</tr>`
 */

/** Markup that is safe to put into the page. */
export interface Html {
  readonly text: string;
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Escapes text for element content and for attribute values in either kind of quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c]!);
}

/** Marks text that is markup already (a drawn SVG). */
export function raw(text: string): Html {
  return { text };
}

/** Tagged template: markup with escaped interpolations; arrays are joined, null and false give nothing. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  let text = strings[0]!;
  for (let i = 0; i < parts.length; i++) text += partText(parts[i]) + strings[i + 1]!;
  return { text };
}

function partText(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  if (isList(part)) return part.map(partText).join('');
  return part.text;
}

function isList(part: Html | readonly Part[]): part is readonly Part[] {
  return Array.isArray(part);
}

/**
 * JSON for a `<script>` element: without `<`, so that no text in it can end the element or open a comment, and without
 * the two line separators that old parsers take for line ends.
 */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

/** JavaScript for a `<script>` element. The text must hold `<` of these two only inside strings, regexes and comments. */
export function scriptCode(code: string): string {
  return code.replace(/<(?=\/script|!--|script)/gi, '\\x3c');
}
