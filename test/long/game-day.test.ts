import assert from 'node:assert/strict';
import type { FaultFinding } from '../../src/judge/findings.js';
import { assertNothingLeft, phase, playScenarios, proof } from '../support/played-scenarios.js';

/** Green because of what comes twice. */
const UNREADABLE = 'certification/14-checkpoint-pointer-unreadable';
const BEFORE_COMMIT = 'certification/07-leader-killed-before-commit';
/** Lets packets be late, among others. */
const SECOND = 'second-game-day';
/** Needs libfaketime. */
const WRONG_CLOCK = 'wrong-clock';
const NAMES = [
  'game-day',
  SECOND,
  'pause-leader-jobmanager',
  'full-disks',
  'poor-network',
  'read-only-storage',
  'missing-checkpoint-file',
  UNREADABLE,
  BEFORE_COMMIT,
  'names-unknown',
  WRONG_CLOCK,
];

describe('faults of every role, on one cluster', () => {
  const played = playScenarios(NAMES, { [WRONG_CLOCK]: 'clock', [SECOND]: 'latency' });
  const { faultsOf, findings } = played;

  it('passes: nothing is lost or duplicated, whatever is broken', () => {
    for (const name of played.names()) {
      const { verdict, balance } = findings(name);
      const twice = name === UNREADABLE ? undefined : balance?.duplicated.atMost;
      assert.deepEqual([name, verdict, balance?.lost.atMost, twice ?? 0], [name, 'passed', 0, 0]);
    }
  });

  it('proves each fault four times, and heals it before the next one comes', () => {
    const times = faultsOf('game-day').map(({ kind, effective, healed }) => ({ kind, effective, healed }));
    assert.deepEqual(
      times.map(({ kind }) => kind),
      ['stop', 'restart', 'kill', 'partition', 'kill'],
    );
    times.slice(1).forEach(({ effective }, i) => {
      assert.ok((times[i]?.healed?.by ?? Number.NaN) <= (effective?.after ?? Number.NaN));
    });
    for (const fault of played.names().flatMap(faultsOf)) {
      for (const of of ['resolved', 'effective', 'confirmed', 'healed'] as const) {
        // Over before anybody could confirm it.
        const atOnce = fault.kind === 'restart' || fault.kind === 'reset' || fault.operation !== undefined;
        if (of === 'confirmed' && atOnce) continue;
        assert.notEqual(proof(fault, of), '', `${fault.kind} of ${fault.node}: ${of}`);
      }
    }
  });

  it('stop: the leader that is asked to end hands over before its session could have expired', () => {
    const [stop] = faultsOf('game-day');
    assert.ok(stop);
    assert.match(proof(stop, 'effective'), /is gone after SIGTERM/);
    assert.match(proof(stop, 'confirmed'), /leader session id changed/);
    assert.ok((phase(stop, 'newLeader')?.took?.atMost ?? Number.NaN) < 6000);
  });

  it('kill of all: every TaskManager is away at once, and is registered again after healing', () => {
    const kill = faultsOf('game-day')[2];
    assert.ok(kill);
    assert.equal(kill.node, 'taskmanager-1, taskmanager-2');
    assert.match(proof(kill, 'confirmed'), /taskmanager-1 is still away.*taskmanager-2 is still away/);
    assert.match(proof(kill, 'healed'), /taskmanager-1 is registered.*taskmanager-2 is registered/);
  });

  it('partition: packets are dropped while it is there, and pass when it is healed', () => {
    const partition = faultsOf('game-day')[3];
    assert.ok(partition);
    assert.match(
      proof(partition, 'effective'),
      /no packet passes between taskmanager-\d and jobmanager-1, jobmanager-2/,
    );
    assert.match(proof(partition, 'healed'), /reaches jobmanager-1, jobmanager-2 again, after \d+ packets/);
    assert.equal(partition.impact?.state, 'seen');
  });

  it('broker: no task stops, but output stays away, which is an impact', () => {
    const broker = faultsOf('game-day')[4];
    assert.ok(broker);
    assert.match(proof(broker, 'resolved'), /broker-1 leads \d+ partitions of the topics of the job/);
    assert.match(proof(broker, 'healed'), /broker-1 is in sync with all its \d+ partitions/);
    assert.equal(broker.impact?.state, 'seen');
    assert.equal(phase(broker, 'firstOutput')?.state, 'reached');
    assert.ok((phase(broker, 'firstOutput')?.took?.atLeast ?? 0) >= 5000);
  });

  it('pause: the leader that stood still comes back, and leads no more', () => {
    const [pause] = faultsOf('pause-leader-jobmanager');
    assert.ok(pause);
    assert.match(proof(pause, 'effective'), /is stopped \(state T\)/);
    assert.match(proof(pause, 'confirmed'), /is still stopped after 16/);
    assert.deepEqual(findings('pause-leader-jobmanager').leadership?.changes, { atLeast: 1, atMost: 1 });
    assert.ok((phase(pause, 'newLeader')?.took?.atLeast ?? 0) > 3000);
  });

  it('fill: the disk is full to its end, and who ended of it is started again', () => {
    const [broker, storage] = faultsOf('full-disks');
    assert.ok(broker && storage);
    assert.match(proof(broker, 'effective'), /broker-1 has 0 bytes free: the filling holds/);
    assert.match(proof(broker, 'healed'), /nothing of the filling is left.*ended; broker-1 runs as process .*in sync/);
    assert.match(proof(storage, 'confirmed'), /storage has \d+ bytes free.*after 15/);
    assert.match(proof(storage, 'healed'), /nothing of the filling is left on storage/);
    for (const fault of [broker, storage]) assert.equal(fault.impact?.state, 'seen');
  });

  it('loss and throttle: packets are dropped while they last, and all get through when they are over', () => {
    const [loss, throttle] = faultsOf('poor-network');
    assert.ok(loss && throttle);
    assert.match(
      proof(loss, 'effective'),
      /30 % of the packets between taskmanager-1, taskmanager-2 and broker-1 are lost/,
    );
    assert.match(proof(throttle, 'confirmed'), /no more than 50000B\/s get through .* still: \d+ packets/);
    for (const fault of [loss, throttle])
      assert.match(proof(fault, 'healed'), /reach broker-1 again, after \d+ packets/);
  });

  it('readOnly: no file can be written while it lasts, and the job is restored when one can', () => {
    const [storage] = faultsOf('read-only-storage');
    assert.ok(storage);
    assert.match(proof(storage, 'confirmed'), /storage takes no new file: EROFS, after 8/);
    assert.match(proof(storage, 'healed'), /storage takes new files/);
    assert.equal(storage.impact?.state, 'seen');
  });

  it('damage: nobody restores the job until the file is back, and who has ended of it is started again', () => {
    const [damage, kill] = faultsOf('missing-checkpoint-file');
    assert.ok(damage && kill);
    assert.match(proof(damage, 'triggered'), /checkpoint \d+ completed/);
    assert.match(proof(damage, 'confirmed'), /ha\/.*completedCheckpoint\w+ is not there, after 20/);
    assert.match(
      proof(damage, 'healed'),
      /completedCheckpoint\w+ is back; process \d+ of jobmanager-\d ended; jobmanager-\d runs/,
    );
    assert.ok((phase(damage, 'tasksRunning')?.took?.atLeast ?? 0) > 20_000);
  });

  describe('of what kills nobody', () => {
    before(function () {
      if (!played.names().includes(SECOND)) this.skip();
    });

    it('reset: no connection of before is left, and new ones are made', () => {
      const [some, all] = faultsOf(SECOND);
      assert.match(proof(some as FaultFinding, 'effective'), /\d+ connections between .* and broker-1 were reset: /);
      assert.match(proof(all as FaultFinding, 'healed'), /^taskmanager-\d reaches .*zookeeper-1/);
    });

    it('cpuLimit: a node hardly runs for a while, and is registered afterwards', () => {
      const limit = faultsOf(SECOND)[2] as FaultFinding;
      assert.match(proof(limit, 'effective'), /still for 180 ms of each 200 ms/);
      assert.match(proof(limit, 'confirmed'), /stood still for \d+\.\d+ s of 1\d\.\d+ s/);
      assert.match(proof(limit, 'healed'), /runs; taskmanager-\d is registered/);
    });

    it('memoryLimit: a node gets no more, and as much as it likes afterwards', () => {
      const limit = faultsOf(SECOND)[3] as FaultFinding;
      assert.match(proof(limit, 'effective'), /taskmanager-\d has \d+.* of its own, and gets \d+ bytes at most/);
      assert.match(proof(limit, 'confirmed'), /and gets \d+ at most, after 8|has ended of it/);
      assert.match(proof(limit, 'healed'), /any number of bytes again|ended; taskmanager-\d runs/);
    });

    it('expireSession: the leader loses its place at once, and contends in another session', () => {
      const expiry = faultsOf(SECOND)[4] as FaultFinding;
      assert.match(proof(expiry, 'effective'), /session 0x[0-9a-f]+ of jobmanager-\d is over/);
      assert.match(proof(expiry, 'confirmed'), /leader session id changed/);
      assert.match(proof(expiry, 'healed'), /2 contenders for leadership, among them the new session 0x/);
      // Nobody waits for the session of 6 s.
      assert.ok((phase(expiry, 'newLeader')?.took?.atMost ?? Number.NaN) < 5000);
    });

    it('damageZnode: the leader writes its addresses anew', () => {
      const records = faultsOf(SECOND)[5] as FaultFinding;
      assert.match(proof(records, 'resolved'), /leader\/rest_server\/connection_info holds \d+ bytes/);
      assert.match(proof(records, 'confirmed'), /connection_info is written anew, after 10/);
    });

    it('latency: packets are late on their way, and not when it is over', () => {
      const latency = faultsOf(SECOND)[6] as FaultFinding;
      assert.match(proof(latency, 'effective'), /are 150ms to 250ms late: \d+ packets .* take ([3-9]\d\d|\d{4,})ms to/);
      assert.match(proof(latency, 'confirmed'), /late still: \d+ packets .* came late/);
      assert.match(proof(latency, 'healed'), /broker-1 again, after \d+ packets .* answer take \d+ms at most/);
    });
  });

  it('damageZnode: what comes out twice is counted, of a job that was started from nothing without a word', () => {
    const [, pointer] = faultsOf(UNREADABLE) as [FaultFinding, FaultFinding];
    assert.match(proof(pointer, 'confirmed'), /checkpoints\/\d+ is unreadable, after 14/);
    assert.match(proof(pointer, 'healed'), /a later checkpoint is recorded; nothing is left of .*checkpoints\/\d+/);
    // Some 5 s of records at least.
    assert.ok((findings(UNREADABLE).balance?.duplicated.atLeast ?? 0) > 2000);
  });

  it('together: the leader dies between a checkpoint and its commit, which the next one makes up for', () => {
    const [pause, partition, kill] = faultsOf(BEFORE_COMMIT);
    assert.ok(pause && partition && kill);
    assert.deepEqual([pause.beside, partition.beside, kill.beside], [undefined, true, true]);
    const [, id] = /checkpoint (\d+) completed/.exec(proof(kill, 'triggered')) ?? [];
    // What it waited for came after nobody could hear of it any more.
    assert.ok((partition.effective?.by ?? Number.NaN) < (kill.effective?.after ?? Number.NaN));
    assert.ok((partition.healed?.after ?? Number.NaN) > (kill.effective?.by ?? Number.NaN));
    const [replay] = findings(BEFORE_COMMIT).replays ?? [];
    assert.deepEqual([replay?.fault, `${replay?.checkpoint}`], [0, id]);
  });

  it('nameFailure: nobody finds a node by its name, and a job that runs goes on', () => {
    const [failure] = faultsOf('names-unknown') as [FaultFinding];
    assert.match(proof(failure, 'effective'), /taskmanager-2 find no address of zookeeper-1, jobmanager-1, /);
    assert.match(proof(failure, 'healed'), /find the address of zookeeper-1, jobmanager-1, /);
    assert.deepEqual([failure.impact?.restarted, failure.impact?.outages], [false, 0]);
  });

  it('clockSkew: the node runs by another clock for a while, and by the right one again', function () {
    if (!played.names().includes(WRONG_CLOCK)) this.skip();
    const [skew] = faultsOf(WRONG_CLOCK);
    assert.match(proof(skew as FaultFinding, 'effective'), /the clock of taskmanager-\d is 10min behind/);
    assert.match(proof(skew as FaultFinding, 'healed'), /is registered .*the clock of taskmanager-\d is right/);
  });

  it('leaves an empty ledger, and no trouble that a fault does not explain', () =>
    assertNothingLeft(played.it_(), {
      // A JobManager that cannot restore a job ends itself.
      'missing-checkpoint-file': /^jobmanager-\d .* exited with code 239; no fault was aimed at it$/,
    }));
});
