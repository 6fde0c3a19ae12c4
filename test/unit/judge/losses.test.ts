import assert from 'node:assert/strict';
import type { HeldRecords, JournalEvent, Range } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { journalOf, leaderKill, plus, WALL, withRead } from '../../support/journal-builder.js';

const clean = journalOf(leaderKill());
const ALL: Range[] = [[1, 15_000]];
const END = 39_750;

/** The committed output lacks some of lane 1; what else is known of them. */
function story(
  gone: Range,
  { held = [], input = ALL, inputComplete = true }: { held?: HeldRecords[]; input?: Range[]; inputComplete?: boolean },
): JournalEvent[] {
  const seen: Range[] = [
    [1, gone[0] - 1],
    [gone[1] + 1, 15_000],
  ];
  const lanes = [
    { lane: 0, seen: ALL, repeated: [], late: [] },
    { lane: 1, seen, repeated: [], late: [] },
  ];
  const committed = withRead(clean, { lanes });
  const events = withRead(committed, { lanes, held }, 'read_uncommitted');
  const read = events.find((e) => e.type === 'data.read' && e.isolation === 'read_committed');
  assert.ok(read?.type === 'data.read');
  const source = { ...read, of: 'input' as const, complete: inputComplete };
  return plus(events, END, { ...source, lanes: [lanes[0]!, { lane: 1, seen: input, repeated: [], late: [] }] });
}

const transaction = (producerId: number, state: HeldRecords['state'], ...seen: Range[]): HeldRecords => ({
  producerId,
  producerEpoch: 0,
  state,
  partitions: [0],
  firstTime: WALL + 12_500,
  lastTime: WALL + 13_000,
  lanes: [{ lane: 1, seen, repeated: [] }],
});

const losses = (events: JournalEvent[]) => judge(events).balance?.losses ?? [];

describe('the fate of lost records', () => {
  it('names the aborted transaction that holds them, by id, and the fault they fall in', () => {
    let events = story([12_500, 12_999], { held: [transaction(7, 'aborted', [12_500, 12_999])] });
    const dates = { lane: 1, from: 12_500, to: 12_999, firstTime: WALL + 12_500, lastTime: WALL + 13_050 };
    events = plus(events, END, { type: 'data.dated', ranges: [dates], omitted: 0 });
    const identity = { producerId: 7, transactionalId: 'flinch-0-8', state: 'CompleteAbort', timeoutMs: 5000 };
    events = plus(events, END, { type: 'data.producers', producers: [identity] });
    const [loss, ...more] = losses(events);
    assert.deepEqual(more, []);
    assert.deepEqual(loss, {
      count: 500,
      first: [{ lane: 1, sequences: [12_500, 12_999] }],
      output: 'aborted',
      input: 'held',
      fault: 0,
      producer: { id: 7, epoch: 0, transactionalId: 'flinch-0-8', timeoutMs: 5000 },
      firstTime: WALL + 12_500,
      lastTime: WALL + 13_050,
      text:
        '500 records, produced 500 ms to 1.05 s after fault 1 took effect: they were written in transaction ' +
        'flinch-0-8 (timeout 5.00 s), which was aborted and not committed; the input still holds them',
    });
  });

  it('says where the committer gave that very transaction up', () => {
    let events = story([12_500, 12_999], { held: [transaction(7, 'aborted', [12_500, 12_999])] });
    const identity = { producerId: 7, transactionalId: 'flinch-0-8', state: 'CompleteAbort', timeoutMs: 5000 };
    events = plus(events, END, { type: 'data.producers', producers: [identity] });
    const given = (event: { producerId?: number; producerEpoch?: number; silent?: boolean }) => {
      const at = { type: 'commit.failed', node: 'taskmanager-1', at: WALL + 20_000, reason: 'fenced' } as const;
      const failed = plus(events, 20_000, { ...at, transactionalId: 'flinch-0-8', silent: true, ...event });
      return losses(failed)[0];
    };
    assert.equal(given({ producerId: 7, producerEpoch: 0 })?.commitFailed, 'fenced');
    assert.match(
      given({})?.text ?? '',
      /and Flink's committer gave it up without failing the job \(fenced\); the input/,
    );
    // The same id, but another use of it; and one that was an exception for all to see.
    assert.equal(given({ producerId: 7, producerEpoch: 1 })?.commitFailed, undefined);
    assert.equal(given({ producerId: 8 })?.commitFailed, undefined);
    assert.equal(given({ silent: false })?.commitFailed, undefined);
  });

  it('keeps those apart that have different fates, the largest part first', () => {
    const held = [transaction(7, 'aborted', [100, 119]), transaction(9, 'open', [110, 129])];
    const found = losses(story([100, 149], { held, input: [[1, 139]], inputComplete: true }));
    assert.deepEqual(
      found.map(({ count, output, input, producer }) => [count, output, input, producer?.id]),
      [
        [20, 'open', 'held', 9],
        [10, 'aborted', 'held', 7],
        [10, 'nowhere', 'held', undefined],
        [10, 'nowhere', 'gone', undefined],
      ],
    );
  });

  it('claims nothing of an input that was not read to its end', () => {
    const [loss] = losses(story([100, 149], { input: [], inputComplete: false }));
    assert.equal(loss?.input, 'unknown');
    assert.equal(loss?.fault, undefined);
  });

  it('is not asked for where nothing is missing', () => assert.deepEqual(losses(clean), []));
});

describe('reordered records', () => {
  const order = (late: Range[] | null | undefined, before: Range[] | null, complete = true) => {
    const lane = (of: Range[] | null | undefined) => ({
      lane: 1,
      seen: ALL,
      repeated: [],
      ...(of === undefined ? {} : { late: of }),
    });
    const lanes = [{ lane: 0, seen: ALL, repeated: [], late: [] }, lane(late)];
    const events = withRead(clean, { lanes, complete });
    const read = events.find((e) => e.type === 'data.read' && e.isolation === 'read_committed');
    assert.ok(read?.type === 'data.read');
    return judge(plus(events, END, { ...read, of: 'input', complete: true, lanes: [lane(before)] })).balance;
  };

  it('are those that were in order in the input', () => {
    const found = order(
      [
        [5, 6],
        [9, 9],
      ],
      [[9, 9]],
    );
    assert.deepEqual(found?.reordered, { atLeast: 2, atMost: 2 });
    assert.deepEqual(found?.examples, [{ problem: 'reordered', lane: 1, sequences: [5, 6] }]);
  });

  it('are not counted where an order is not known', () => {
    assert.deepEqual(order(null, [])?.reordered, { atLeast: 0, atMost: 15_000 });
    assert.deepEqual(order([[5, 6]], null)?.reordered, { atLeast: 0, atMost: 2 });
    assert.deepEqual(order([[5, 6]], [], false)?.reordered, { atLeast: 2, atMost: null });
    assert.equal(order(undefined, [])?.reordered, undefined);
    assert.equal(judge(clean).balance?.reordered, undefined);
  });
});
