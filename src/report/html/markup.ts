/** Text that is HTML already. Only `html` and `raw` make it. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Markup | undefined | false | readonly Value[];

const ENTITY: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text without the characters that neither HTML nor XML 1.0 can carry; each becomes U+FFFD. */
export function printable(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n');
  return lines.replace(/[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
}

/** Escapes for element text and for quoted attributes, in HTML and in XML. */
export const escaped = (text: string): string => printable(text).replace(/[&<>"']/g, (c) => ENTITY[c] ?? c);

function render(value: Value): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  return escaped(String(value));
}

/** HTML with every value escaped, but for values that are markup. Undefined and false vanish, arrays are joined. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(strings.reduce((out, text, i) => out + render(values[i - 1]) + text));
}

/** Marks text that the project itself wrote as markup. */
export const raw = (text: string): Markup => new Markup(text);
