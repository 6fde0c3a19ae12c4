import type { Clock } from '../core/clock.js';
import { wakeable } from './wake.js';

/** Milliseconds between looks at one endpoint: when something is wrong, and while all is well at the leader's and at the others'. */
export interface Pace {
  every: number;
  leader: number;
  others: number;
}

/**
 * How closely JobManagers are looked at. Every question costs the cluster some milliseconds of CPU, of its leader most of all, whom the
 * others ask: so while the leader says that every task runs, it is asked more often than the others, and all of them not more than it
 * takes. As soon as it says anything else, or nothing in time, everything is looked at as closely as can be.
 */
export class Attention {
  #leader: string | undefined;
  #well = false;
  readonly #alarms = new Set<() => void>();

  /** Whether the leader said at last that every task runs. */
  get calm(): boolean {
    return this.#well;
  }

  /** Who leads, as the store has it. Undefined where nobody does, or where nobody knows: then nothing is well. */
  leads(node: string | undefined): void {
    if (node === this.#leader) return;
    this.#leader = node;
    this.#alarm();
  }

  /** What a look at a JobManager showed: every task of the job running, or something else. */
  saw(node: string, well: boolean): void {
    if (node !== this.#leader) return;
    if (well) this.#well = true;
    else if (this.#well) this.#alarm();
  }

  /** A clock for the looks at one JobManager, whose sleeps last as long as the pace says at the moment, and end with an alarm. */
  paced(node: string, { every, leader, others }: Pace, clock: Clock): Clock {
    const waking = wakeable(clock, every);
    this.#alarms.add(() => waking.wake());
    return {
      mono: () => clock.mono(),
      wall: () => clock.wall(),
      sleep: (ms, signal) => {
        const calm = node === this.#leader ? leader : others;
        return waking.sleep(this.#well ? ms + calm - every : ms, signal);
      },
    };
  }

  #alarm(): void {
    this.#well = false;
    for (const wake of this.#alarms) wake();
  }
}
