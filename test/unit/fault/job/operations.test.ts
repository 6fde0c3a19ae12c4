import assert from 'node:assert/strict';
import { cancelJob } from '../../../../src/fault/job/cancel-job.js';
import { savepoint } from '../../../../src/fault/job/savepoint.js';
import { stopJob } from '../../../../src/fault/job/stop-job.js';
import { asked, OVER } from '../../../support/asked-operation.js';
import { hasCode } from '../../../support/has-code.js';

/** As whoever heals gets it: from the ledger. */
describe('a savepoint', () => {
  it('completes, and says where it lies', async () => {
    const { world, undo } = await asked(savepoint, { expect: 'completed' });
    const { evidence } = await savepoint.inject(undo, world.context());
    assert.match(evidence[0] ?? '', /request-1.*, of job job-1/);
    const outcome = await savepoint.outcome?.(undo, world.context(), OVER);
    assert.deepEqual([outcome?.state, outcome?.text], ['completed', 'the savepoint completed: file:/savepoint-1']);
  });

  it('is asked for until there is a leader', async () => {
    const { world, job, undo } = await asked(savepoint, { expect: 'completed' });
    job.leaderless = true;
    world.clock.plan(5_000, () => {
      job.leaderless = false;
    });
    const began = world.clock.mono();
    const { after, by } = await savepoint.inject(undo, world.context());
    // Nothing came of the requests before.
    assert.ok(after - began >= 4_900 && by - after < 1_000, `${after - began} ${by - after}`);
  });

  it('is not effective where no leader takes the request', async () => {
    const { world, job, undo } = await asked(savepoint, { expect: 'completed' });
    job.leaderless = true;
    await assert.rejects(
      savepoint.inject(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /did not take the request for a savepoint within 60 s; .*there is no leader/),
    );
  });

  it('fails with the reason that Flink gives', async () => {
    const { world, job, undo } = await asked(savepoint, { expect: 'completed' });
    job.answer = { failure: 'a task was not running' };
    await savepoint.inject(undo, world.context());
    const outcome = await savepoint.outcome?.(undo, world.context(), OVER);
    assert.deepEqual([outcome?.state, outcome?.text], ['failed', 'the savepoint failed: a task was not running']);
  });

  it('is unknown when the leader that took the request is gone', async () => {
    const { world, job, undo } = await asked(savepoint, { expect: 'completed' });
    await savepoint.inject(undo, world.context());
    job.answer = undefined;
    assert.equal((await savepoint.outcome?.(undo, world.context(), OVER))?.state, 'unknown');
  });

  it('is unknown when it goes on for too long', async () => {
    const { world, job, undo } = await asked(savepoint, { expect: 'completed' });
    await savepoint.inject(undo, world.context());
    job.answer = {};
    const outcome = await savepoint.outcome?.(undo, world.context(), OVER);
    assert.deepEqual(
      [outcome?.state, outcome?.text],
      ['unknown', 'how the savepoint ended is not known after 120 s: it goes on'],
    );
  });
});

describe('a stop of the job', () => {
  const options = { expect: 'completed' as const, duration: 5_000, parallelism: 4 };

  it('ends it, and is healed by starting it again from its savepoint, once', async () => {
    const { world, job, undo } = await asked(stopJob, options);
    await stopJob.inject(undo, world.context());
    assert.equal(stopJob.hold?.(undo), 5_000);
    assert.equal((await stopJob.outcome?.(undo, world.context(), OVER))?.state, 'completed');
    const { evidence } = await stopJob.heal(undo, world.context());
    assert.deepEqual(job.starts, [{ from: 'file:/savepoint-1', parallelism: 4 }]);
    assert.deepEqual(evidence, ['job job-2 is RUNNING, started from file:/savepoint-1']);
    await stopJob.heal(undo, world.context());
    assert.equal(job.starts.length, 1);
  });

  it('that fails leaves the job as it is', async () => {
    const { world, job, undo } = await asked(stopJob, options);
    job.answer = { failure: 'not all tasks run' };
    await stopJob.inject(undo, world.context());
    assert.equal((await stopJob.outcome?.(undo, world.context(), OVER))?.state, 'failed');
    const { evidence } = await stopJob.heal(undo, world.context());
    assert.deepEqual([job.starts, evidence], [[], ['job job-1 is RUNNING: it had not ended']]);
  });

  it('that ends with the job failed leaves it so', async () => {
    const { world, job, undo } = await asked(stopJob, options);
    job.answer = {};
    world.checkpoints = [
      { id: 8, status: 'IN_PROGRESS', triggeredAt: 0, subtasks: 2, acknowledged: 0, savepoint: true },
    ];
    await stopJob.inject(undo, world.context());
    job.ends('FAILED');
    assert.equal((await stopJob.outcome?.(undo, world.context(), OVER))?.text, 'the job has failed');
    const { evidence } = await stopJob.heal(undo, world.context());
    assert.deepEqual([job.starts, evidence], [[], ['job job-1 has failed, which is not for us to undo']]);
  });

  it('whose leader is gone is told from its job', async () => {
    const { world, job, undo } = await asked(stopJob, options);
    world.files['savepoints/savepoint-2/_metadata'] = 100;
    await stopJob.inject(undo, world.context());
    job.answer = undefined;
    job.snapshots = { savepoint: 'file:/savepoint-9' };
    assert.match(
      (await stopJob.outcome?.(undo, world.context(), OVER))?.text ?? '',
      /with savepoint file:\/savepoint-9$/,
    );

    job.runs('job-1');
    assert.match(
      (await stopJob.outcome?.(undo, world.context(), OVER))?.text ?? '',
      /^no JobManager knows.*is RUNNING$/,
    );
    job.state = undefined;
    job.live = [];
    assert.equal((await stopJob.outcome?.(undo, world.context(), OVER))?.state, 'unknown');
    world.files['savepoints/savepoint-3/_metadata'] = 100;
    assert.match((await stopJob.outcome?.(undo, world.context(), OVER))?.text ?? '', /file:\/savepoints\/savepoint-3$/);
  });

  it('is started again when the gateway and the leader are back', async () => {
    const { world, job, undo } = await asked(stopJob, options);
    await stopJob.inject(undo, world.context());
    await stopJob.outcome?.(undo, world.context(), OVER);
    const begin = job.onStart;
    job.onStart = () => {
      throw new Error('the gateway is away');
    };
    job.leaderless = true;
    world.clock.plan(world.clock.passed() + 3_000, () => {
      job.leaderless = false;
    });
    world.clock.plan(world.clock.passed() + 6_000, () => {
      job.onStart = begin;
    });
    await stopJob.heal(undo, world.context());
    assert.deepEqual(job.live, [job.current]);
  });

  it('is not started twice when the answer to the first start was lost', async () => {
    const { world, job, undo } = await asked(stopJob, options);
    await stopJob.inject(undo, world.context());
    await stopJob.outcome?.(undo, world.context(), OVER);
    job.onStart = () => {
      job.live = ['job-7'];
      throw new Error('no answer');
    };
    const { evidence } = await stopJob.heal(undo, world.context());
    assert.deepEqual([job.starts.length, job.current], [1, 'job-7']);
    assert.match(evidence[0] ?? '', /^job job-7 is RUNNING, started from/);
  });

  it('is not healed where the job cannot be started, and says why', async () => {
    const { world, job, undo } = await asked(stopJob, options);
    await stopJob.inject(undo, world.context());
    await stopJob.outcome?.(undo, world.context(), OVER);
    job.onStart = () => {
      throw new Error('the gateway is away');
    };
    await assert.rejects(stopJob.heal(undo, world.context()), hasCode('HEAL_FAILED', /the gateway is away/));
  });

  it('of a run that is dead leaves nothing to start', async () => {
    const { world, job, undo } = await asked(stopJob, options);
    await stopJob.inject(undo, world.context());
    const { job: _, ...bare } = world.context();
    await stopJob.heal(undo, bare);
    assert.deepEqual(job.starts, []);
  });
});

describe('a cancellation', () => {
  const options = { expect: 'completed' as const, duration: 3_000 };

  it('is healed by starting the job again from its latest checkpoint', async () => {
    const { world, job, undo } = await asked(cancelJob, options);
    const { evidence } = await cancelJob.inject(undo, world.context());
    assert.deepEqual(evidence, ['job job-1 is CANCELED; its latest checkpoint is file:/chk-7']);
    assert.equal((await cancelJob.outcome?.(undo, world.context(), OVER))?.state, 'completed');
    await cancelJob.heal(undo, world.context());
    assert.deepEqual(job.starts, [{ from: 'file:/chk-7', parallelism: undefined }]);
  });

  it('finds the latest checkpoint on the storage where a new leader has cancelled the job before it restored it', async () => {
    const { world, job, undo } = await asked(cancelJob, options);
    job.snapshots = {};
    const files = ['job-1/chk-9', 'job-1/chk-10', 'job-0/chk-70', 'job-1/shared'];
    for (const file of files) world.files[`checkpoints/${file}/_metadata`] = 100;
    await cancelJob.inject(undo, world.context());
    await cancelJob.heal(undo, world.context());
    assert.equal(job.starts[0]?.from, 'file:/checkpoints/job-1/chk-10');
  });

  it('is effective, and not healed, where no checkpoint is known', async () => {
    const { world, job, undo } = await asked(cancelJob, options);
    job.snapshots = {};
    const { evidence } = await cancelJob.inject(undo, world.context());
    assert.match(evidence[0] ?? '', /latest checkpoint is not known$/);
    await assert.rejects(
      cancelJob.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /where to start it from is not known/),
    );
  });

  it('has completed where a new leader does not know the job', async () => {
    const { world, job, undo } = await asked(cancelJob, options);
    await cancelJob.inject(undo, world.context());
    job.state = undefined;
    const outcome = await cancelJob.outcome?.(undo, world.context(), OVER);
    assert.deepEqual(outcome?.text, 'the job was cancelled and did not come back: it is unknown to Flink');
  });

  it('has failed where the job comes back, which is then left alone', async () => {
    const { world, job, undo } = await asked(cancelJob, options);
    await cancelJob.inject(undo, world.context());
    job.runs('job-1');
    const outcome = await cancelJob.outcome?.(undo, world.context(), OVER);
    assert.deepEqual([outcome?.state, outcome?.text], ['failed', 'the job runs again after it was cancelled: job-1']);
    await cancelJob.heal(undo, world.context());
    assert.deepEqual(job.starts, []);
  });
});
