import assert from 'node:assert/strict';
import { deploymentText } from '../../../src/journal/deployment-text.js';
import type { EventBody } from '../../../src/journal/events.js';
import { type DeploymentSource, observeDeployment } from '../../../src/observe/deployment.js';
import { handClock } from '../../support/hand-clock.js';

describe('what the operator of Flink says', () => {
  it('is journalled when it changes, at once when a watch tells of it, and when it is gone', async () => {
    const clock = handClock();
    const stop = new AbortController();
    let state: Awaited<ReturnType<DeploymentSource['state']>> | Error = { lifecycle: 'STABLE', job: 'RUNNING' };
    let tell = () => {};
    const source: DeploymentSource = {
      async state() {
        if (state instanceof Error) throw state;
        return state;
      },
      watch(onChange) {
        tell = onChange;
        return () => {};
      },
    };
    const events: EventBody[] = [];
    const done = observeDeployment(source, (event) => events.push(event), { clock, signal: stop.signal });
    await clock.sleep(20_000);
    assert.equal(events.length, 1);
    state = { lifecycle: 'UPGRADING', jobManagers: 'MISSING', job: 'RECONCILING', error: 'no room' };
    const at = clock.mono();
    tell();
    await clock.sleep(200);
    state = new Error('nobody answers');
    await clock.sleep(6_000);
    state = undefined;
    await clock.sleep(6_000);
    stop.abort();
    await done;
    const told = events.map((event) => {
      assert.ok(event.type === 'observed.deployment');
      return event.deployment === undefined ? event.error : deploymentText(event.deployment);
    });
    assert.deepEqual(told, [
      'STABLE, job RUNNING',
      'UPGRADING, JobManagers MISSING, job RECONCILING, no room',
      'nobody answers',
      'there is no FlinkDeployment any more',
    ]);
    const [, changed] = events;
    assert.ok(changed?.type === 'observed.deployment' && changed.end - at <= 100);
  });
});
