import { between, type Extent } from '../../core/extent.js';
import type { AggregateRelation, InvariantSpec } from '../../core/record-spec.js';
import type { JudgedGroup, Mismatch } from './judge-group.js';

/** A group that is not as it should be. */
export interface GroupExample extends Mismatch {
  state: 'wrong' | 'before';
  /** The bytes of its identity. */
  group: Buffer;
}

export interface GroupCounts {
  /** Groups of either topic, and those of the sink. */
  groups: number;
  sinkGroups: number;
  /** Groups whose last record is not what the source comes to, and may have been when the window began. */
  wrong: Extent;
  /** Groups that were not what the source came to when the window began; groups that cannot be judged. */
  before: number;
  unclear: number;
  /** How many of the groups seen to be wrong are so by each invariant. */
  invariants: { spec: InvariantSpec; wrong: number }[];
  /** Why the numbers are not certain; empty when they are. */
  reasons: string[];
  examples: GroupExample[];
}

/** Adds up what became of the groups. */
export class CountGroups {
  readonly #most: number;
  readonly #invariants: { spec: InvariantSpec; wrong: number }[];
  #groups = 0;
  #sinkGroups = 0;
  #why: string | undefined;
  readonly #of = { right: 0, wrong: 0, before: 0, unclear: 0 };
  readonly #examples: Record<'wrong' | 'before', GroupExample[]> = { wrong: [], before: [] };

  /** @param examples groups of each state that are shown */
  constructor({ invariants }: AggregateRelation, examples: number) {
    this.#invariants = invariants.map((spec) => ({ spec, wrong: 0 }));
    this.#most = examples;
  }

  add(id: string, judged: JudgedGroup, atSink: boolean): void {
    this.#groups++;
    if (atSink) this.#sinkGroups++;
    this.#of[judged.state]++;
    if (judged.state === 'right') return;
    if (judged.state === 'unclear') {
      this.#why ??= judged.why;
      return;
    }
    const { state, mismatches } = judged;
    const examples = this.#examples[state];
    if (examples.length < this.#most) {
      const group = Buffer.from(id, 'latin1');
      examples.push(...mismatches.map((it) => ({ ...it, state, group })));
    }
    if (state === 'before') return;
    for (const { invariant } of mismatches) {
      const of = invariant === undefined ? undefined : this.#invariants[invariant];
      if (of) of.wrong++;
    }
  }

  /** @param doubts why the totals of any group may be others */
  result(doubts: readonly string[]): GroupCounts {
    const { wrong, before, unclear } = this.#of;
    const reasons = [...doubts];
    // With another doubt it is no wonder that they seem not to agree.
    if (before > 0 && reasons.length === 0) {
      reasons.push(
        `${before} of ${this.#groups} groups did not agree with the source before anything was broken: the job may not have begun at the first record, or forgets what is old`,
      );
    }
    const certain = reasons.length === 0;
    if (unclear > 0) reasons.push(`${unclear} groups cannot be judged; of the first of them, ${this.#why}`);
    return {
      groups: this.#groups,
      sinkGroups: this.#sinkGroups,
      wrong: between(certain ? wrong : 0, certain ? wrong + unclear : null),
      before,
      unclear,
      invariants: this.#invariants,
      reasons,
      examples: [...this.#examples.wrong, ...this.#examples.before],
    };
  }
}
