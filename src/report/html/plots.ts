import { scaleLinear } from 'd3-scale';
import { area, curveStep, line } from 'd3-shape';
import { LEFT, px, RIGHT, shading, svg, timeAxis, timeScale, WIDTH } from './axis.js';
import type { Frame } from './frame.js';
import { html, type Markup } from './markup.js';
import { acknowledgedRate, bucketOf, committedRate, lagSeries, type Point, sourceRate } from './series.js';
import { section } from './table.js';
import { grouped } from './text.js';

interface Curve {
  name: string;
  look: 'a' | 'b';
  points: Point[];
  stepped: boolean;
}

const TOP = 10;
const BOTTOM = 170;

const highest = (points: readonly Point[]): number => points.reduce((top, p) => Math.max(top, p.value), 0);

function drawCurve({ look, points, stepped }: Curve, x: (t: number) => number, y: (v: number) => number): Markup {
  const outline = line<Point>(
    (p) => x(p.t),
    (p) => y(p.value),
  ).digits(1);
  const filled = area<Point>(
    (p) => x(p.t),
    y(0),
    (p) => y(p.value),
  ).digits(1);
  if (stepped) {
    outline.curve(curveStep);
    filled.curve(curveStep);
  }
  return html`<path class="area-${look}" d="${filled(points) ?? ''}"/><path class="line-${look}" d="${outline(points) ?? ''}"/>`;
}

function plot(id: string, title: string, unit: string, frame: Frame, curves: Curve[]): Markup | undefined {
  const drawn = curves.filter((curve) => curve.points.length > 1);
  if (drawn.length === 0) return undefined;
  const x = timeScale(frame);
  const top = Math.max(1, ...drawn.map((curve) => highest(curve.points)));
  const y = scaleLinear().domain([0, top]).nice(4).range([BOTTOM, TOP]);
  const ticks = y.ticks(4).map((v) => {
    const at = px(y(v));
    return html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text class="tick" text-anchor="end" x="${LEFT - 8}" y="${px(y(v) + 4)}">${grouped(v)}</text>`;
  });
  const desc = drawn.map((c) => `${c.name}: at most ${grouped(Math.round(highest(c.points)))} ${unit}.`).join(' ');
  const legend = drawn.map((c) => html`<span class="k line-key-${c.look}"></span>${c.name} `);
  return html`<figure><figcaption>${title} <span class="legend">${legend}</span></figcaption>${svg(
    id,
    BOTTOM + 38,
    title,
    desc,
    shading(x, frame, TOP, BOTTOM),
    html`<g aria-hidden="true">${ticks}</g>`,
    timeAxis(x, frame, TOP, BOTTOM),
    drawn.map((curve) => drawCurve(curve, x, y)),
  )}</figure>`;
}

/** Throughput and lag over the run. */
export function plotsSection(frame: Frame): Markup | undefined {
  const attached = frame.start?.scenario.workload.job === 'attached';
  const lag = attached
    ? 'records of the source behind the furthest one that came out'
    : 'acknowledged records not yet in the committed output';
  const per = bucketOf(frame) > 1 ? `records a second, over ${bucketOf(frame)} s` : 'records a second';
  return section(
    'plots',
    'Throughput and lag',
    plot('throughput', `Throughput (${per})`, 'records a second', frame, [
      attached
        ? { name: 'written to the source', look: 'a', points: sourceRate(frame), stepped: true }
        : { name: 'acknowledged to the producer', look: 'a', points: acknowledgedRate(frame), stepped: true },
      { name: 'committed in the output', look: 'b', points: committedRate(frame), stepped: true },
    ]),
    plot('lag', `Lag (${lag})`, 'records', frame, [
      { name: 'lag', look: 'a', points: lagSeries(frame), stepped: false },
    ]),
  );
}
