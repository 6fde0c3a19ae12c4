import { html, type Markup } from './markup.js';

type Cell = string | number | Markup;

export interface Column {
  title: string;
  /** Numbers are set to the right. */
  numeric?: boolean;
}

/** A table with a caption for those who hear it and headers for each column; the first cell heads its row. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Cell[])[]): Markup {
  const kind = (i: number): Markup | undefined => (columns[i]?.numeric ? html` class="n"` : undefined);
  const head = columns.map((c, i) => html`<th scope="col"${kind(i)}>${c.title}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, i) =>
      i === 0 ? html`<th scope="row"${kind(i)}>${cell}</th>` : html`<td${kind(i)}>${cell}</td>`,
    );
    return html`<tr>${cells}</tr>\n`;
  });
  return html`<div class="scroll"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}

/** A section with its heading; nothing at all when it is empty. */
export const section = (id: string, title: string, ...body: (Markup | undefined | false)[]): Markup | undefined =>
  body.some(Boolean)
    ? html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${title}</h2>${body}</section>\n`
    : undefined;

/** A list of short lines. */
export const lines = (items: readonly (string | Markup)[]): Markup =>
  html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
