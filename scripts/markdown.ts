const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
/** A table of Markdown. */
export const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
