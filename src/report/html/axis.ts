import { type ScaleLinear, scaleLinear } from 'd3-scale';
import type { Frame } from './frame.js';
import { html, type Markup } from './markup.js';

export type Scale = ScaleLinear<number, number>;

/** Width of every plot and its margins, in SVG units. */
export const WIDTH = 900;
export const LEFT = 156;
export const RIGHT = 16;

/** An SVG coordinate: short, and the same on every machine. */
export const px = (n: number): string => String(Math.round(n * 10) / 10);

/** Seconds since time 0 to horizontal position. */
export const timeScale = ({ span, zero }: Frame): Scale =>
  scaleLinear()
    .domain([(span[0] - zero) / 1000, (span[1] - zero) / 1000])
    .range([LEFT, WIDTH - RIGHT])
    .clamp(true);

export function timeAxis(x: Scale, frame: Frame, top: number, bottom: number): Markup {
  const ticks = x.ticks(10).map((t) => {
    const at = px(x(t));
    const label = t === 0 ? '0' : `${t > 0 ? '+' : '\u2212'}${Math.abs(t)}`;
    return html`<line class="grid" x1="${at}" x2="${at}" y1="${top}" y2="${bottom}"/><text class="tick" text-anchor="middle" x="${at}" y="${bottom + 15}">${label}</text>`;
  });
  const middle = px((LEFT + WIDTH - RIGHT) / 2);
  return html`<g aria-hidden="true">${ticks}<text class="tick" text-anchor="middle" x="${middle}" y="${bottom + 32}">seconds since ${frame.zeroName}</text></g>`;
}

/** The fault windows, shaded from effective to healed. */
export function shading(x: Scale, { windows, zero }: Frame, top: number, bottom: number): Markup[] {
  return windows.map(({ from, to, name }) => {
    const [a, b] = [x((from - zero) / 1000), x((to - zero) / 1000)];
    return html`<rect class="fault" x="${px(a)}" y="${top}" width="${px(Math.max(1, b - a))}" height="${bottom - top}"><title>fault window: ${name}</title></rect><line class="faultline" x1="${px(a)}" x2="${px(a)}" y1="${top}" y2="${bottom}"/>`;
  });
}

export const svg = (id: string, height: number, title: string, desc: string, ...body: (Markup | Markup[])[]): Markup =>
  html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${title}</title><desc id="${id}-d">${desc}</desc>${body.flat()}</svg>`;
