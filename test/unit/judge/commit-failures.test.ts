import assert from 'node:assert/strict';
import type { EventBody, HeldTransaction, JournalEvent } from '../../../src/journal/events.js';
import { heldBackNotes } from '../../../src/judge/held-back.js';
import { judge } from '../../../src/judge/judge.js';
import { journalOf, leaderKill, MONO, plus, taskManagerKill, WALL, withRead } from '../../support/journal-builder.js';

const clean = journalOf(leaderKill());
const failed = (t: number, change: Partial<Extract<EventBody, { type: 'commit.failed' }>> = {}): EventBody => ({
  ...{ type: 'commit.failed', node: 'taskmanager-1', at: WALL + t, reason: 'fenced', silent: true },
  ...{ transactionalId: 'flinch-0-8', producerId: 28, producerEpoch: 0 },
  ...change,
});
const metric = (...subtasks: number[]): EventBody => {
  const failures = subtasks.reduce((sum, n) => sum + n, 0);
  return {
    ...{ type: 'observed.metrics', node: 'jobmanager-1', start: MONO, end: MONO },
    committables: { failed: failures },
    ...(failures > 0 && { failedOf: subtasks.map((n, i) => ({ subtask: `${i}.out`, failed: n })) }),
  };
};
const also = (events: JournalEvent[], ...more: [t: number, body: EventBody][]) =>
  more.reduce((all, [t, body]) => plus(all, t, body), events);
const of = (...more: [t: number, body: EventBody][]) => judge(also(clean, ...more)).silentCommitFailures;

describe('judge/commit failures', () => {
  it('are named by their ids, with the time since the fault, and Flink stayed green', () => {
    const found = of([39_900, failed(30_000)]);
    assert.deepEqual(found?.transactions, [
      {
        ...{ node: 'taskmanager-1', at: WALL + 30_000, reason: 'fenced', transactionalId: 'flinch-0-8' },
        ...{ producerId: 28, producerEpoch: 0, sinceFault: 30_000 - 12_010 },
      },
    ]);
    assert.equal(found?.stayedGreen, true);
    assert.equal(
      found?.text,
      "the sink's committer gave up 1 transaction (flinch-0-8) and the job stayed green: by identity nothing is lost",
    );
  });

  it('weigh nothing in the verdict, which the identities decide', () => {
    assert.equal(judge(also(clean, [39_900, failed(30_000)])).verdict, 'passed');
    const lanes = [
      { lane: 0, seen: [[1, 14_000]] as [number, number][], repeated: [] },
      { lane: 1, seen: [[1, 15_000]] as [number, number][], repeated: [] },
    ];
    const bad = withRead(withRead(clean, { lanes }), { lanes }, 'read_uncommitted');
    const { verdict, notes } = judge(also(bad, [39_900, failed(30_000)]));
    assert.equal(verdict, 'failed');
    assert.match(notes.join('\n'), /gave up 1 transaction .* by identity at least 1000 records are lost/);
  });

  it('are not green when the job went down afterwards', () => {
    const events = journalOf(taskManagerKill());
    assert.equal(judge(also(events, [39_900, failed(13_000)])).silentCommitFailures?.stayedGreen, false);
    assert.equal(judge(also(events, [39_900, failed(20_000)])).silentCommitFailures?.stayedGreen, true);
  });

  it('are known by the metric alone, over restarts, and by whichever of both tells of more', () => {
    // The second subtask is missing from one look, and both begin again later.
    const counts = [[0, 0], [1, 1], [1], [1, 1], [0, 2], [0, 0], [1, 0]].map((n, i): [number, EventBody] => [
      20_000 + i,
      metric(...n),
    ]);
    const found = of(...counts);
    assert.deepEqual([found?.atLeast, found?.byLog, found?.byMetric], [4, 0, 4]);
    assert.match(found?.text ?? '', /4 transactions, as its metric failedCommittables says; no log names them/);
    assert.equal(of([20_000, metric(1)], [39_900, failed(30_000, { omitted: 4 })])?.atLeast, 5);
  });

  it('are none where nothing failed, or where the task failed with it', () => {
    assert.equal(of([20_000, metric(0)]), undefined);
    assert.equal(of([20_000, metric(1)], [39_900, failed(30_000, { silent: false, reason: 'other' })]), undefined);
  });
});

describe('judge/held back', () => {
  const held = (change: Partial<HeldTransaction> = {}): HeldTransaction => ({
    ...{ partition: 2, firstOffset: 40, producerId: 9, producerEpoch: 0, transactionalId: 'flinch-x-0-8' },
    ...{ prefix: 'flinch-x', state: 'Ongoing', ageMs: 12_000, timeoutMs: 600_000 },
    ...change,
  });
  const event = (
    transactions: HeldTransaction[],
    rest: { complete: boolean; reason?: string } = { complete: true },
  ): EventBody => ({
    ...{ type: 'data.open-transactions', topic: 'out', transactions },
    ...rest,
  });

  it('tells who holds each partition back, for how long and until when', () => {
    const behind = held({ firstOffset: 50, transactionalId: 'flinch-x-1-8', ageMs: 14_000 });
    const found = judge(also(clean, [39_900, event([held(), behind, held({ partition: 3 })])])).heldBack;
    assert.deepEqual(found?.byPrefix, [{ prefix: 'flinch-x', transactions: 2, partitions: 2, oldestMs: 14_000 }]);
    assert.ok(found);
    assert.deepEqual(heldBackNotes(found), [
      'partition 2 of the output is held back by transaction flinch-x-0-8, open for 12 s of its 600 s and 1 more behind it',
      'partition 3 of the output is held back by transaction flinch-x-0-8, open for 12 s of its 600 s',
    ]);
  });

  it('says what hangs, what is nameless, and what it could not ask', () => {
    const { transactionalId: _, prefix: __, ageMs: ___, ...nameless } = held();
    const events = [held({ hanging: true }), { ...nameless, partition: 3 }];
    const { notes, verdict } = judge(
      also(clean, [39_900, event(events, { complete: false, reason: 'broker 2 is away' })]),
    );
    const text = notes.join('\n');
    assert.match(text, /flinch-x-0-8, which no coordinator will ever end \(a hanging transaction\)/);
    assert.match(text, /partition 3 .* producer 9, whose transactional id is not known$/m);
    assert.match(text, /not fully known: broker 2 is away/);
    assert.equal(verdict, 'passed');
  });
});
