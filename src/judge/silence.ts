import type { Interval } from '../core/poll.js';
import { between, durationText, greatest } from './extent.js';
import type { Extent, Impact } from './findings.js';
import type { OutputLook } from './output-looks.js';

/** So many times the longest silence of the steady state is no chance any more: output comes with each checkpoint. */
const FELT = 4;

/** A time in which no committed output came. */
export interface Silence {
  /** From the end of the last look that found output; what it found was committed after `since`. */
  from: number;
  since: number;
  extent: Extent;
  /** When output came again; undefined when it did not in the time observed. */
  ended?: Interval;
}

/** Every silence between two looks that found output, and the one at the end, in order of time. */
export function silencesOf(looks: readonly OutputLook[], to: number): Silence[] {
  const productive = looks.filter((look) => look.records > 0 && look.since !== Number.NEGATIVE_INFINITY);
  const found = productive.slice(1).map((b, i): Silence => {
    const a = productive[i] as OutputLook;
    // What could be read for a moment before nobody could read anything splits the silence.
    const unreadable = looks
      .filter((look) => look.end > a.end && look.end <= b.end)
      .map((look) => (look.unreadable ? look.unreadable.by - look.unreadable.after : 0));
    const extent = between(greatest([0, b.since - a.end, ...unreadable]), b.end - a.since);
    const after = Math.max(b.since, a.end, b.unreadable?.by ?? 0);
    return { from: a.end, since: a.since, extent, ended: { after, by: b.end } };
  });
  const [last, lastLook] = [productive.at(-1), looks.at(-1)];
  if (last && lastLook && last.end < to) {
    found.push({
      from: last.end,
      since: last.since,
      extent: between(Math.max(0, Math.min(lastLook.start, to) - last.end), null),
    });
  }
  return found;
}

/** The longest silence that is usual. @param until when the steady state ended @param period milliseconds between checkpoints */
export function usualSilence(looks: readonly OutputLook[], until: number, period: number): number {
  const steady = silencesOf(looks, until).filter(({ ended }) => ended && ended.by <= until);
  return greatest([period, ...steady.map(({ extent }) => extent.atMost ?? 0)]);
}

/**
 * The longest silence in committed output that overlaps the fault: between the last commit found by one look and the
 * first found by the next that found any. One still open counts with its length so far, and without an upper bound where
 * it is longer than twice what is usual.
 * @param to when the load stopped
 */
export function outputGapOf(looks: readonly OutputLook[], from: number, to: number, usual: number): Extent | undefined {
  if (!looks.some((look) => look.records > 0 && look.end <= from)) return undefined;
  const relevant = silencesOf(looks, to).filter((silence) => silence.from < to && (silence.ended?.by ?? to) > from);
  if (relevant.length === 0) return undefined;
  const most = relevant.map(({ extent, ended, since }) => (ended ? (extent.atMost ?? 0) : to - since));
  const unbounded = relevant.some(({ ended }, i) => !ended && (most[i] as number) > 2 * usual);
  return between(greatest(relevant.map(({ extent }) => extent.atLeast)), unbounded ? null : greatest(most));
}

/** Silences too long to be chance. */
export interface FeltSilences {
  /** The last one. */
  certain?: Silence | undefined;
  /** The last that may be one: too long only if nothing came while nobody looked. */
  possible?: Silence | undefined;
}

/** Of those that overlap [from, to]. */
export function feltSilences(looks: readonly OutputLook[], from: number, to: number, usual: number): FeltSilences {
  const overlapping = silencesOf(looks, to).filter((silence) => silence.from < to && (silence.ended?.by ?? to) > from);
  return {
    certain: overlapping.findLast(({ extent }) => extent.atLeast > FELT * usual),
    possible: overlapping.findLast(({ extent, since }) => {
      const most = extent.atMost ?? to - since;
      // What is merely about as long as the bound is none.
      return most > FELT * usual && most - extent.atLeast > usual;
    }),
  };
}

/** Output that stayed away was felt too, though every task ran; what could not be seen may have been felt. */
export function withSilence(impact: Impact, { certain, possible }: FeltSilences): Impact {
  if (impact.state === 'seen') return impact;
  if (certain) {
    const felt = `committed output stayed away for ${durationText(certain.extent)}`;
    return { ...impact, state: 'seen', text: `${felt}; tasks: ${impact.text}` };
  }
  if (impact.state === 'unclear' || !possible) return impact;
  const hidden = `committed output may have stayed away for ${durationText(possible.extent)}`;
  return {
    ...impact,
    state: 'unclear',
    text: `${hidden}, looks at it are too far apart to tell; tasks: ${impact.text}`,
  };
}
