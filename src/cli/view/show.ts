import { createLogUpdate } from 'log-update';
import type { Clock } from '../../core/clock.js';
import type { Scenario } from '../../core/scenario.js';
import type { JournalEvent } from '../../journal/events.js';
import { liveLines } from './live.js';
import { plainLine, stamped } from './plain.js';
import { fold, noProgress } from './progress.js';

const EVERY = 100;

/** Shows runs as they go, on standard error: standard output is the result's. */
export interface Show {
  start(scenario: Scenario): (event: JournalEvent) => void;
  /** Leaves the last picture standing. */
  stop(): void;
}

/** A live picture in a terminal; lines in CI, in a pipe, or where the terminal cannot be drawn on. */
export const showFor = (clock: Clock): Show =>
  process.stderr.isTTY && !process.env.CI && process.env.TERM !== 'dumb' ? live(clock) : plain(clock);

function plain(clock: Clock): Show {
  return {
    start(scenario) {
      const progress = noProgress(scenario, clock.mono());
      process.stderr.write(`${stamped(`${scenario.name}: ${scenario.title}`, 0)}\n`);
      return (event) => {
        const line = plainLine(event, progress);
        fold(progress, event);
        if (line !== undefined) process.stderr.write(`${stamped(line, event.mono - progress.began)}\n`);
      };
    },
    stop: () => {},
  };
}

function live(clock: Clock): Show {
  const draw = createLogUpdate(process.stderr, { showCursor: true });
  let timer: NodeJS.Timeout | undefined;
  let last = () => {};
  return {
    start(scenario) {
      const progress = noProgress(scenario, clock.mono());
      last = () => draw(liveLines(progress, clock.mono()).join('\n'));
      timer = setInterval(last, EVERY);
      return (event) => fold(progress, event);
    },
    stop() {
      clearInterval(timer);
      last();
      last = () => {};
      draw.done();
    },
  };
}
