import assert from 'node:assert/strict';
import { rescale } from '../../../../src/fault/job/rescale.js';
import { asked, OVER } from '../../../support/asked-operation.js';
import { hasCode } from '../../../support/has-code.js';

const options = { to: 4, expect: 'completed' as const };

describe('a rescaling', () => {
  it('gives every vertex another bound, and is over when all have as many subtasks', async () => {
    const { world, job, undo } = await asked(rescale, options);
    const { evidence } = await rescale.inject(undo, world.context());
    assert.deepEqual(evidence, ['every vertex of job job-1 is to have up to 4 subtasks']);
    assert.deepEqual(job.bounds, { v1: { least: 1, most: 4 }, v2: { least: 1, most: 4 } });
    world.clock.plan(3_000, () => {
      job.parallelism = [4, 4];
    });
    const outcome = await rescale.outcome?.(undo, world.context(), OVER);
    assert.deepEqual([outcome?.state, outcome?.text], ['completed', 'every vertex runs with 4 subtasks']);
    assert.deepEqual((await rescale.heal(undo, world.context())).evidence, ['a job that was rescaled stays so']);
  });

  it('lets no lower bound stand above the new one', async () => {
    const { world, job, undo } = await asked(rescale, { ...options, to: 1 });
    job.bounds = { v1: { least: 2, most: 2 } };
    await rescale.inject({ ...undo, before: job.bounds }, world.context());
    assert.deepEqual(job.bounds, { v1: { least: 1, most: 1 } });
  });

  it('is unknown while one vertex has not followed', async () => {
    const { world, job, undo } = await asked(rescale, options);
    await rescale.inject(undo, world.context());
    job.parallelism = [4, 2];
    assert.equal((await rescale.outcome?.(undo, world.context(), OVER))?.state, 'unknown');
    // Nor where Flink tells of no vertex.
    job.parallelism = [];
    assert.equal((await rescale.outcome?.(undo, world.context(), OVER))?.state, 'unknown');
  });

  it('fails with the job', async () => {
    const { world, job, undo } = await asked(rescale, options);
    await rescale.inject(undo, world.context());
    job.ends('FAILED');
    const outcome = await rescale.outcome?.(undo, world.context(), OVER);
    assert.deepEqual([outcome?.state, outcome?.text], ['failed', 'the job is FAILED and not rescaled']);
  });

  it('is refused by a scheduler that is not adaptive', async () => {
    const { world } = await asked(rescale, options);
    world.job.bounds = undefined;
    await assert.rejects(
      rescale.resolve(options, world.context()),
      hasCode('FAULT_INJECT', /tells no bounds.*set cluster.flinkConfig jobmanager.scheduler: adaptive/s),
    );
  });
});
