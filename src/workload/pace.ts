/** Records in one batch at most: it stays far below a broker's 1 MiB. */
const LARGEST_BATCH = 5000;

/** How many records are due, at a rate per second. What falls behind by more than `catchUp` ms is given up. */
export class Pace {
  #rate: number;
  readonly #catchUp: number;
  #from: number;
  #taken = 0;

  constructor(rate: number, catchUp: number, now: number) {
    this.#rate = rate;
    this.#catchUp = catchUp;
    this.#from = now;
  }

  /** Nothing is due before `now`. */
  restart(now: number): void {
    this.#from = now;
    this.#taken = 0;
  }

  /** From `now` on; what is due by then stays due. */
  setRate(rate: number, now: number): void {
    this.#taken -= ((now - this.#from) * this.#rate) / 1000;
    this.#from = now;
    this.#rate = rate;
  }

  /** Takes what is due at `now`, in milliseconds of the clock given at the start. */
  take(now: number): number {
    const limit = Math.max(1, (this.#rate * this.#catchUp) / 1000);
    let due = ((now - this.#from) * this.#rate) / 1000 - this.#taken;
    if (due > limit) {
      this.#from += ((due - limit) / this.#rate) * 1000;
      due = limit;
    }
    const whole = Math.min(Math.floor(due + 1e-6), LARGEST_BATCH);
    this.#taken += whole;
    return whole;
  }
}
