import { compareScaled, minus, NOTHING, plus, type Scaled } from './scaled.js';

/**
 * When a record of the source went in: `before` anything was looked at, so that the job had worked it off at the begin
 * of the window; `between`, on its way then or worked off; or `behind`.
 */
export const Zone = { before: 0, between: 1, behind: 2 } as const;
export type Zone = (typeof Zone)[keyof typeof Zone];

/** What one invariant says of one group, after all of its records and at the begin of the window. */
export interface Total {
  /** A record of the group; null where it has no number. */
  add(zone: Zone, number: Scaled | null): void;
  /** After all records; null is SQL's answer for no number at all. */
  final(): Scaled | null;
  /** Whether this can have been the total at the begin, with any of the records on their way worked off. */
  possibleBefore(found: Scaled | null, tolerance: Scaled): boolean;
  /** The range of what is possible then, null for none. */
  rangeBefore(): readonly [low: Scaled | null, high: Scaled | null];
}

const whole = (n: number): Scaled => ({ units: BigInt(n), scale: 0 });
const within = (found: Scaled, low: Scaled, high: Scaled, tolerance: Scaled): boolean =>
  compareScaled(found, minus(low, tolerance)) >= 0 && compareScaled(found, plus(high, tolerance)) <= 0;

export class CountTotal implements Total {
  #before = 0;
  #between = 0;
  #behind = 0;

  add(zone: Zone): void {
    if (zone === Zone.before) this.#before++;
    else if (zone === Zone.between) this.#between++;
    else this.#behind++;
  }
  final(): Scaled {
    return whole(this.#before + this.#between + this.#behind);
  }
  possibleBefore(found: Scaled | null, tolerance: Scaled): boolean {
    return found !== null && within(found, ...this.rangeBefore(), tolerance);
  }
  rangeBefore() {
    return [whole(this.#before), whole(this.#before + this.#between)] as const;
  }
}

export class SumTotal implements Total {
  /** Undefined without a number. */
  #before: Scaled | undefined;
  #negative: Scaled | undefined;
  #positive: Scaled | undefined;
  #behind: Scaled | undefined;

  add(zone: Zone, number: Scaled | null): void {
    if (number === null) return;
    if (zone === Zone.before) this.#before = plus(this.#before ?? NOTHING, number);
    else if (zone === Zone.behind) this.#behind = plus(this.#behind ?? NOTHING, number);
    else if (number.units < 0n) this.#negative = plus(this.#negative ?? NOTHING, number);
    else this.#positive = plus(this.#positive ?? NOTHING, number);
  }
  final(): Scaled | null {
    const parts = [this.#before, this.#negative, this.#positive, this.#behind].filter((it) => it !== undefined);
    return parts.length === 0 ? null : parts.reduce(plus);
  }
  possibleBefore(found: Scaled | null, tolerance: Scaled): boolean {
    if (found === null) return this.#before === undefined;
    const [low, high] = this.rangeBefore();
    return low !== null && high !== null && within(found, low, high, tolerance);
  }
  rangeBefore() {
    const [before, negative, positive] = [this.#before, this.#negative, this.#positive];
    if (!before && !negative && !positive) return [null, null] as const;
    return [plus(before ?? NOTHING, negative ?? NOTHING), plus(before ?? NOTHING, positive ?? NOTHING)] as const;
  }
}

/** MAX, or MIN. */
export class ExtremeTotal implements Total {
  readonly #sign: 1 | -1;
  readonly #of: (Scaled | null)[] = [null, null, null];

  constructor(kind: 'max' | 'min') {
    this.#sign = kind === 'max' ? 1 : -1;
  }
  add(zone: Zone, number: Scaled | null): void {
    this.#of[zone] = this.#further(this.#of[zone] ?? null, number);
  }
  final(): Scaled | null {
    return this.#of.reduce((a, b) => this.#further(a, b), null);
  }
  possibleBefore(found: Scaled | null): boolean {
    const [before = null, between = null] = this.#of;
    if (found === null) return before === null;
    const furthest = this.#further(before, between);
    if (furthest === null || this.#compare(found, furthest) > 0) return false;
    return before === null || this.#compare(found, before) >= 0;
  }
  rangeBefore() {
    const [before = null, between = null] = this.#of;
    const ends = [before, this.#further(before, between)] as const;
    return this.#sign > 0 ? ends : ([ends[1], ends[0]] as const);
  }
  #compare(a: Scaled, b: Scaled): number {
    return this.#sign * compareScaled(a, b);
  }
  #further(a: Scaled | null, b: Scaled | null): Scaled | null {
    if (a === null || b === null) return a ?? b;
    return this.#compare(a, b) >= 0 ? a : b;
  }
}
