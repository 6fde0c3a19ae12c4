import assert from 'node:assert/strict';
import { restoreChanged } from '../../../../src/fault/job/restore-changed.js';
import { asked, OVER } from '../../../support/asked-operation.js';
import type { handMadeCluster } from '../../../support/hand-made-cluster.js';

describe('a restore with a changed schema', () => {
  async function restored(move: (job: ReturnType<typeof handMadeCluster>['job']) => void) {
    const { world, job, undo } = await asked(restoreChanged, { expect: 'failed' });
    await restoreChanged.inject(undo, world.context());
    move(job);
    const outcome = await restoreChanged.outcome?.(undo, world.context(), OVER);
    return { world, job, undo, outcome };
  }

  it('has failed where the changed job fails of its state; the job as it was is started then', async () => {
    const { world, job, undo, outcome } = await restored((it) => {
      it.failures = ['TimeoutException: x', 'StateMigrationException: the new serializer is incompatible'];
    });
    assert.equal(outcome?.state, 'failed');
    assert.match(outcome?.text ?? '', /^the changed job failed: StateMigrationException/);
    assert.deepEqual(job.ended, ['changed-1']);
    await restoreChanged.heal(undo, world.context());
    assert.deepEqual(job.starts, [{ from: 'file:/savepoint-1', parallelism: undefined }]);
  });

  it('has failed where Flink refuses the job at once', async () => {
    const { job, outcome } = await restored((it) => {
      it.onChanged = () => {
        throw new Error('Failed to rollback to checkpoint/savepoint file:/savepoint-1');
      };
    });
    assert.match(outcome?.text ?? '', /^Flink refused the changed job: Failed to rollback/);
    assert.deepEqual(job.ended, []);
  });

  it('leaves no changed job whose start nobody has heard of, and never takes one for the job', async () => {
    let beforeTheSecond: string[] | undefined;
    const { world, job, undo } = await restored((it) => {
      let starts = 0;
      it.onChanged = () => {
        if (++starts > 1) {
          beforeTheSecond = [...it.ended];
          return 'changed-2';
        }
        it.live.push('changed-1');
        throw new Error('the gateway did not answer');
      };
      it.failures = ['StateMigrationException: x'];
    });
    assert.deepEqual(beforeTheSecond, ['changed-1']);
    assert.deepEqual([job.ended, job.live], [['changed-1', 'changed-2'], []]);
    job.live.push('changed-3');
    await restoreChanged.heal(undo, world.context());
    assert.deepEqual([job.ended.at(-1), job.current, job.starts.length], ['changed-3', 'job-2', 1]);
  });

  it('has completed where the changed job goes on, which is ended all the same', async () => {
    const { job, outcome } = await restored((it) => {
      it.checkpointed = true;
    });
    assert.equal(outcome?.state, 'completed');
    assert.deepEqual(job.ended, ['changed-1']);
  });

  it('is unknown where the job fails of something else, or was not stopped', async () => {
    const other = await restored((it) => {
      it.failures = ['TimeoutException: x'];
    });
    assert.equal(other.outcome?.state, 'unknown');
    const running = await restored((it) => {
      it.runs('job-1');
      it.answer = { failure: 'not all tasks run' };
    });
    assert.match(running.outcome?.text ?? '', /^the changed job was not tried, as the stop failed/);
    assert.equal(running.outcome?.state, 'unknown');
  });
});
