import type { Clock } from '../core/clock.js';
import { wakeable } from '../core/wake.js';

/** Milliseconds between looks at one endpoint: when something is wrong, and while all is well at the leader's and at the others'. */
export interface Pace {
  every: number;
  leader: number;
  others: number;
}

/** Milliseconds for which all has to be well before looks become fewer: what follows a recovery is of interest too. */
export const SETTLED = 10_000;

/**
 * How closely JobManagers are looked at. Every question costs the cluster some milliseconds of CPU, of its leader most of all, whom the
 * others ask: so while the leader says that every task runs, it is asked more often than the others, and all of them not more than it
 * takes. As soon as it says anything else, or nothing in time, everything is looked at as closely as can be.
 */
export class Attention {
  #leader: string | undefined;
  /** Since when the leader says that every task runs, and that none has changed. */
  #wellSince: number | undefined;
  #changed: number | undefined;
  readonly #alarms = new Set<() => void>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the leader has said for a while that every task runs. */
  get calm(): boolean {
    return this.#wellSince !== undefined && this.#clock.mono() - this.#wellSince >= SETTLED;
  }

  /** Who leads, as the store has it. Undefined where nobody does, or where nobody knows: then nothing is well. */
  leads(node: string | undefined): void {
    if (node === this.#leader) return;
    this.#leader = node;
    this.alarm();
  }

  /**
   * What a look at a JobManager showed: every task of the job running, or something else.
   * @param changed when a task's state changed last: that of one that was back before the next look, too
   */
  saw(node: string, well: boolean, changed?: number): void {
    if (node !== this.#leader) return;
    const still = changed === undefined || changed === this.#changed;
    this.#changed = changed ?? this.#changed;
    if (this.#wellSince !== undefined && !(well && still)) this.alarm();
    if (well) this.#wellSince ??= this.#clock.mono();
  }

  /** A clock for the looks at one JobManager, whose sleeps last as long as the pace says at the moment, and end with an alarm. */
  paced(node: string, { every, leader, others }: Pace): Clock {
    const waking = wakeable(this.#clock, every);
    this.#alarms.add(() => waking.wake());
    return {
      mono: () => this.#clock.mono(),
      wall: () => this.#clock.wall(),
      sleep: (ms, signal) => {
        const calm = node === this.#leader ? leader : others;
        return waking.sleep(this.calm ? ms + calm - every : ms, signal);
      },
    };
  }

  /** Everything is looked at now, and closely until all has been well for a while. */
  alarm(): void {
    this.#wellSince = undefined;
    for (const wake of this.#alarms) wake();
  }
}
