import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { liveLines } from '../../../src/cli/view/live.js';
import { plainLine, stamped } from '../../../src/cli/view/plain.js';
import { elapsed, fold, noProgress, type Progress } from '../../../src/cli/view/progress.js';
import type { EventBody, JournalEvent, Step } from '../../../src/journal/events.js';
import { journalOf, leaderKill, MONO, plus, scenarioOf } from '../../support/journal-builder.js';

const story = leaderKill();
const all = journalOf(story);
const at = (t: number, body: EventBody): JournalEvent => ({ seq: 0, mono: MONO + t, wall: 0, ...body });
const step = (t: number, name: Step, state: 'started' | 'ended') => at(t, { type: 'step', step: name, state });

function folded(events: readonly JournalEvent[]): Progress {
  const progress = noProgress(scenarioOf(story), MONO);
  for (const event of events) fold(progress, event);
  return progress;
}
const until = (t: number) => all.filter(({ mono }) => mono <= MONO + t);
const lines = (p: Progress, t: number) => liveLines(p, MONO + t).map(stripVTControlCharacters);
const line = (p: Progress, t: number, name: string) => lines(p, t).find((l) => l.trimStart().startsWith(name));

function plain(events: readonly JournalEvent[]): string[] {
  const progress = noProgress(scenarioOf(story), MONO);
  return events.flatMap((event) => {
    const text = plainLine(event, progress);
    fold(progress, event);
    return text === undefined ? [] : [text];
  });
}

describe('the view of a run', () => {
  describe('in a terminal', () => {
    it('shows who leads and since when, tasks, checkpoint, output and lag', () => {
      const steady = folded(until(11_000));
      assert.match(line(steady, 11_000, 'leader') ?? '', /^ +leader +jobmanager-1 for 10\.98 s$/);
      assert.match(line(steady, 11_000, 'tasks') ?? '', /4 of 4 running$/);
      assert.match(line(steady, 11_000, 'checkpoint') ?? '', /5, 1\.\d\d s ago$/);
      assert.match(line(steady, 11_000, 'output') ?? '', /\d+ records, last \d+ ms ago$|last 1\.\d\d s ago$/);
      assert.match(line(steady, 11_000, 'lag') ?? '', /\d+ records$/);
    });

    it('shows what is gone while it is gone, and what came back', () => {
      const gone = folded(until(18_350));
      assert.match(line(gone, 18_350, 'leader') ?? '', /leader +none$/);
      const elected = folded(until(19_000));
      assert.match(line(elected, 19_000, 'leader') ?? '', /jobmanager-2 for \d+ ms$/);
      assert.match(line(elected, 19_000, 'tasks') ?? '', /0 of 4 running$/);
      assert.match(line(folded(until(30_000)), 30_000, 'tasks') ?? '', /4 of 4 running$/);
    });

    it('says nothing of what was not seen yet', () => {
      assert.deepEqual(lines(folded([]), 0), ['kill-leader-jobmanager  0 ms']);
    });

    it('does not take a look that failed for a cluster without a leader', () => {
      const look = { start: MONO + 11_000, end: MONO + 11_010 };
      const failed = at(11_000, { type: 'observed.leader', by: 'poll', error: 'timeout', ...look });
      assert.match(line(folded([...until(11_000), failed]), 11_000, 'leader') ?? '', /jobmanager-1/);
    });

    it('ticks off steps that ended, with their time, and measures the one that goes on', () => {
      const p = folded([
        ...[step(0, 'cluster', 'started'), step(4000, 'cluster', 'ended')],
        ...[step(4000, 'steady-state', 'started')],
      ]);
      assert.deepEqual(lines(p, 10_000).slice(1, 3), [
        '  ✓ starting the cluster 4.00 s',
        `  › waiting for the steady state  ${'█'.repeat(2)}${'░'.repeat(22)} 6.00 s of 60.00 s`,
      ]);
      fold(p, step(11_000, 'steady-state', 'ended'));
      assert.equal(lines(p, 12_000).filter((l) => l.startsWith('  ›')).length, 0);
    });

    it('holds the recovery against its bound, from the moment the fault was effective, and beyond it', () => {
      const p = folded([...until(12_100), step(12_200, 'recovery', 'started')]);
      assert.deepEqual(elapsed(p, MONO + 22_010), { ms: 10_000, bound: 30_000 });
      assert.match(line(p, 72_010, '›') ?? '', /recovery {2}█{24} 60\.00 s of 30\.00 s$/);
      assert.deepEqual(elapsed(folded([step(0, 'settle', 'started')]), MONO + 500), { ms: 500 });
      assert.deepEqual(elapsed(folded([]), MONO), { ms: 0 });
    });

    it('shows the last three troubles', () => {
      const told = [1, 2, 3, 4].map((n) => at(n, { type: 'trouble', code: 'DEADLINE', message: `late ${n}` }));
      assert.deepEqual(
        lines(folded(told), 10).filter((l) => l.startsWith('  !')),
        [2, 3, 4].map((n) => `  ! DEADLINE: late ${n}`),
      );
    });
  });

  describe('in a log', () => {
    it('has a line for each change, and none for a look that shows nothing new', () => {
      assert.deepEqual(plain(all), [
        'cluster of 6 nodes with Flink 1.20.3, isolation user-namespace: up after 7.90 s',
        `job flinch submitted (${'a1b2c3d4e5f60718293a4b5c6d7e8f90'})`,
        'waiting for the steady state ...',
        'leader: jobmanager-1',
        'tasks: 4 of 4 running',
        'steady',
        'injecting the fault ...',
        'fault 1: kill jobmanager.leader is jobmanager-1, process 100',
        'fault 1 proven: process 100 is gone from /proc',
        'no leader',
        'fault 1 proven: session 1111 before, 2222 after',
        'leader: jobmanager-2',
        'tasks: 0 of 4 running',
        'tasks: 4 of 4 running',
        'fault 1 healed: jobmanager-1 runs as process 222 and contends',
        'draining ...',
      ]);
    });

    it('has a line for everything that goes wrong', () => {
      const bad: EventBody[] = [
        { type: 'steady-state', reached: false, reason: 'no output' },
        { type: 'fault.not-effective', fault: 0, reason: 'it still runs' },
        { type: 'fault.heal-failed', fault: 0, reason: 'no start', remains: 'kill on jobmanager-1' },
        { type: 'trouble', code: 'DEADLINE', message: 'late' },
        { type: 'interrupted', signal: 'SIGINT' },
      ];
      assert.deepEqual(plain(bad.map((body) => at(0, body))), [
        'not steady: no output',
        'fault 1 not proven: it still runs',
        'fault 1 NOT HEALED: no start; remains: kill on jobmanager-1',
        'trouble DEADLINE: late',
        'interrupted by SIGINT',
      ]);
    });

    it('says when a cluster was there before, and gives each line its time', () => {
      const reused = all.map((e) => (e.type === 'cluster.up' ? { ...e, reused: true } : e));
      assert.match(plain(plus(reused, 0, { type: 'run.ended' }))[0] ?? '', /: used as it is$/);
      assert.equal(stamped('steady', 12_345), '[  12.3 s] steady');
    });
  });
});
