import { execa } from 'execa';
import type { Clock } from '../../core/clock.js';
import { withDeadline } from '../../core/deadline.js';
import { FlinchError, messageOf } from '../../core/error.js';
import { pollForever } from '../../core/poll.js';
import { printable } from '../../core/printable.js';
import type { StopCondition, StopVerdict } from '../../core/scenario.js';
import { formatDuration, writeDuration } from '../../core/units.js';
import type { JournalEvent } from '../../journal/events.js';
import { eventsOf } from '../../judge/events-of.js';
import type { Recorder } from '../recorder.js';

/** Milliseconds from one look at what was observed to the next. */
const EVERY = 250;
/** Milliseconds for one command. */
const COMMAND_WITHIN = 30_000;
/** Characters of what a command said. */
const SAID = 200;

export interface StopWatch {
  /** Aborted with a FlinchError STOP_CONDITION when a condition held. */
  readonly signal: AbortSignal;
  /** Looks from now on: what was before does not count. */
  begin(): void;
  end(): void;
}

interface Finding {
  text: string;
  verdict: StopVerdict;
}

/** Looks whether a condition holds that is to end the run. The first one that does is journalled. */
export function stopWatch(
  conditions: readonly StopCondition[],
  { events, emit }: Pick<Recorder, 'events' | 'emit'>,
  clock: Clock,
): StopWatch {
  const held = new AbortController();
  const ended = new AbortController();

  const watch = (condition: StopCondition, index: number, since: number) => {
    const signal = AbortSignal.any([held.signal, ended.signal]);
    const look = (): Promise<Finding | undefined> =>
      condition.kind === 'command' ? ask(condition, signal) : Promise.resolve(observed(condition, events, since));
    const every = condition.kind === 'command' ? condition.every : EVERY;
    const onSample = ({ value }: { value?: Finding | undefined }) => {
      if (!value || signal.aborted) return;
      emit({ type: 'stopped', condition: index, ...value });
      held.abort(new FlinchError('STOP_CONDITION', { what: value.text }));
    };
    void pollForever(look, onSample, { every, clock, signal });
  };
  return {
    signal: held.signal,
    begin: () => {
      for (const [index, condition] of conditions.entries()) watch(condition, index, clock.mono());
    },
    end: () => ended.abort(),
  };
}

/** What the journal says of it. */
function observed(
  condition: Exclude<StopCondition, { kind: 'command' }>,
  events: readonly JournalEvent[],
  since: number,
): Finding | undefined {
  const { verdict } = condition;
  const looks = eventsOf(events, 'observed.output');
  if (condition.kind === 'lagAbove') {
    const { lag = 0 } = looks.findLast((look) => look.lag !== undefined && look.start >= since) ?? {};
    if (lag <= condition.records) return undefined;
    return {
      text: `${lag} acknowledged records were not in the committed output, more than ${condition.records}`,
      verdict,
    };
  }
  // From the end of the last look that found some to the start of one that found none: while nobody looked, as when
  // Flinch itself stood still, output may have come.
  const found = looks.findLast(({ records = 0 }) => records > 0);
  const from = Math.max(since, found?.end ?? since);
  const until = ({ start }: { start: number } = { start: since }) => start - from;
  const silence = until(looks.findLast(({ error }) => error === undefined));
  if (silence >= condition.ms) {
    const text = `no committed output came for ${formatDuration(silence)}, ${writeDuration(condition.ms)} or more`;
    return { text, verdict };
  }
  // Nobody to ask is as good a reason to stop, but says nothing of the output.
  const unseen = until(looks.at(-1));
  if (unseen < condition.ms) return undefined;
  const why = printable(looks.at(-1)?.error ?? '');
  return { text: `no committed output was seen for ${formatDuration(unseen)}: ${why}`, verdict: 'inconclusive' };
}

async function ask(
  { command, verdict }: Extract<StopCondition, { kind: 'command' }>,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const [file = '', ...words] = command;
  const name = printable(command.join(' ')).slice(0, SAID);
  const options = { reject: false, stdin: 'ignore', all: true, forceKillAfterDelay: 1000 } as const;
  const run = (cancelSignal: AbortSignal) => execa(file, words, { ...options, cancelSignal });
  try {
    // What it started may hold its output open after it has ended.
    const { exitCode, all, shortMessage } = await withDeadline(name, COMMAND_WITHIN, run, signal);
    if (exitCode === 0) return undefined;
    if (exitCode === undefined) return unasked(name, shortMessage);
    const said = printable(all.trim().split('\n')[0] ?? '').slice(0, SAID);
    return { text: `${name} exited with ${exitCode}${said ? `: ${said}` : ''}`, verdict };
  } catch (error) {
    return unasked(name, messageOf(error));
  }
}

/** A guard that nobody can ask guards nothing; it says nothing of the cluster either. */
const unasked = (name: string, why = ''): Finding => ({
  text: `${name} could not be asked: ${printable(why)}`,
  verdict: 'inconclusive',
});
