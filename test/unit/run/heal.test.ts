import assert from 'node:assert/strict';
import type { EndingUndo } from '../../../src/fault/process/ending.js';
import { cleanups } from '../../../src/run/safety/cleanup.js';
import { healOpen } from '../../../src/run/safety/heal.js';
import { firstOf, handMadeRun } from '../../support/hand-made-run.js';

describe('healing', () => {
  /** A run with one killed TaskManager after the other in its ledger. */
  async function broken() {
    const run = handMadeRun();
    const { world, ledger } = run;
    for (const [fault, node] of ['taskmanager-1', 'taskmanager-2'].entries()) {
      const identity = await world.cluster.processes.identify(node);
      const undo = { victims: [{ node, role: 'taskmanager', identity }], contenders: [] };
      ledger.intend({ id: `run-1-${fault}`, run: 'run-1', fault, kind: 'kill', node, undo, until: 0 });
      world.end(node);
    }
    await world.clock.sleep(1000);
    world.onStart = (node) => {
      world.heartbeats[node] = world.clock.wall();
    };
    run.log.length = 0;
    const heal = (only?: (entry: { fault: number }) => boolean) =>
      healOpen(ledger, world.context, run.recorder.emit, only);
    return { ...run, heal };
  }

  it('undoes the newest first, and tells the proof of each', async () => {
    const { heal, log, ledger, recorder } = await broken();
    assert.equal(await heal(), true);
    assert.deepEqual(log, [
      ...['start taskmanager-2', 'mark healed', 'fault.healed'],
      ...['start taskmanager-1', 'mark healed', 'fault.healed'],
    ]);
    assert.deepEqual(ledger.open(), []);
    const { fault, evidence = [] } = firstOf(recorder.events, 'fault.healed') ?? {};
    assert.equal(fault, 1);
    assert.match(evidence.join(), /taskmanager-2 is registered/);
  });

  it('goes on after a failure, says what remains, and leaves it open', async () => {
    const { heal, world, ledger, recorder } = await broken();
    const { onStart } = world;
    world.onStart = (node) => (node === 'taskmanager-2' ? undefined : onStart(node));
    assert.equal(await heal(), false);
    assert.deepEqual(
      ledger.open().map(({ node }) => node),
      ['taskmanager-2'],
    );
    const failed = firstOf(recorder.events, 'fault.heal-failed');
    assert.deepEqual([failed?.fault, failed?.remains], [1, 'kill on taskmanager-2']);
    assert.equal(firstOf(recorder.events, 'fault.healed')?.fault, 0);
  });

  it('fails at once when what it started dies again, then or later', async () => {
    for (const lived of [0, 3000]) {
      const { heal, world, clock, ledger, recorder } = await broken();
      const began = clock.passed();
      world.onStart = (node) => (lived === 0 ? world.end(node) : clock.plan(began + lived, () => world.end(node)));
      assert.equal(await heal(({ fault }) => fault === 1), false);
      // START_WITHIN is a minute: nothing can be seen of a process that is gone.
      assert.ok(clock.passed() - began <= lived + 100, `${clock.passed() - began} ms`);
      assert.match(firstOf(recorder.events, 'fault.heal-failed')?.reason ?? '', /the restarted process ended/);
      assert.equal(ledger.open().length, 2);
    }
  });

  it('fails for a fault of a kind that it does not know', async () => {
    const { heal, ledger, recorder } = await broken();
    const [entry] = ledger.open();
    ledger.intend({ ...(entry as NonNullable<typeof entry>), id: 'old', kind: 'freeze', undo: {} as EndingUndo });
    assert.equal(await heal(), false);
    assert.equal(firstOf(recorder.events, 'fault.heal-failed')?.remains, 'freeze on taskmanager-2');
    assert.equal(ledger.open().length, 1);
  });

  it('is not called done when that could not be written down', async () => {
    const { heal, ledger, recorder } = await broken();
    ledger.mark = () => {
      throw new Error('no space');
    };
    assert.equal(await heal(), false);
    assert.equal(firstOf(recorder.events, 'fault.healed'), undefined);
  });

  it('heals only what is asked for', async () => {
    const { heal, ledger } = await broken();
    assert.equal(await heal(({ fault }) => fault === 0), true);
    assert.deepEqual(
      ledger.open().map(({ fault }) => fault),
      [1],
    );
  });
});

describe('cleanups', () => {
  it('undo the latest first, each once, and go on after what fails or hangs', async () => {
    const undo = cleanups();
    const done: string[] = [];
    const push = (what: string, work: () => Promise<void> | void) =>
      undo.push(what, 20, () => {
        done.push(what);
        return work();
      });
    push('the cluster', () => {});
    push('the watch', () => {
      throw new Error('no file');
    });
    push('the job', () => new Promise(() => {}));
    push('the producer', () => Promise.reject(new Error('no broker')));
    assert.deepEqual(await undo.run(), [
      'the producer: no broker',
      'the job: the job took longer than 20 ms',
      'the watch: no file',
    ]);
    assert.deepEqual(done, ['the producer', 'the job', 'the watch', 'the cluster']);
    assert.deepEqual(await undo.run(), []);
  });

  it('undo also what is pushed while they run', async () => {
    const undo = cleanups();
    const done: string[] = [];
    undo.push('first', 100, () => undo.push('second', 100, () => void done.push('second')));
    assert.deepEqual(await undo.run(), []);
    assert.deepEqual(done, ['second']);
  });
});
