import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { systemClock } from '../../src/core/clock.js';
import { ownModule } from '../../src/core/own-module.js';
import { pollUntil } from '../../src/core/poll.js';
import { firstProcess } from '../support/kubernetes/node/first-process.js';
import { leftoversOf } from '../support/kubernetes/node/leftovers.js';
import { waiting } from '../support/kubernetes/node/pods.js';
import { needsNode } from '../support/kubernetes/node/prerequisites.js';
import { sysctls } from '../support/kubernetes/node/sysctls.js';

const HOLD = ownModule('../support/kubernetes/node/hold', import.meta.url);
const POLL = { every: 200, within: 60_000, clock: systemClock, signal: new AbortController().signal };
const START_MS = 180_000;

describe('a node whose runner is killed', () => {
  let runner: ChildProcess | undefined;
  before(function () {
    return needsNode(this);
  });
  after(() => runner?.kill('SIGKILL'));

  it('ends with it, its pods too', async () => {
    const settings = sysctls();
    runner = spawn(process.execPath, [...HOLD.execArgv, HOLD.url.pathname], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: runner.stdout! });
    const [line] = await once(lines, 'line', { signal: AbortSignal.timeout(START_MS) });
    const node = JSON.parse(String(line)) as { dir: string; group: string; kubeconfig: string };
    const config = new KubeConfig();
    config.loadFromFile(node.kubeconfig);
    await config.makeApiClient(CoreV1Api).createNamespacedPod({ namespace: 'default', body: waiting('waits') });
    const place = { plane: node, group: node.group, pod: 'waits' };
    const pid = await pollUntil('a process of a pod', () => firstProcess(place), POLL);
    assert.notDeepEqual(await leftoversOf(node), []);

    runner.kill('SIGKILL');
    const nothing = async () => {
      const left = [...(await leftoversOf(node)), ...[node.dir, node.kubeconfig].filter(existsSync)];
      if (left.length > 0) throw new Error(left.join('\n'));
      return true;
    };
    await pollUntil('nothing that is left', nothing, POLL);
    assert.equal(existsSync(`/proc/${pid}`), false);
    assert.deepEqual(sysctls(), settings);
  });
});
