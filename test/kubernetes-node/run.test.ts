import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Flinch, flinch, SCENARIOS } from '../support/flinch.js';
import { startBrokers, type TestBrokers } from '../support/kafka/brokers.js';
import { type FlinkInPods, startFlinkPods } from '../support/kubernetes/node/flink-pods.js';
import { flinkImage } from '../support/kubernetes/node/images.js';
import { type KubernetesNode, startNode } from '../support/kubernetes/node/node.js';
import { needsNode } from '../support/kubernetes/node/prerequisites.js';

const ON_PODS = join(SCENARIOS, 'kubernetes');

describe('flinch run on pods', () => {
  let node: KubernetesNode;
  let kafka: TestBrokers;
  let flink: FlinkInPods;
  let it_: Flinch;
  let where: string[];

  before(async function () {
    await needsNode(this);
    node = await startNode();
    [kafka, flink] = await Promise.all([
      startBrokers({ host: new URL(node.url).hostname }),
      startFlinkPods({
        node,
        line: '1.20',
        clusterId: 'orders',
        config: { 'heartbeat.timeout': '12 s', 'heartbeat.interval': '3 s' },
      }),
    ]);
    it_ = flinch();
    where = [
      ...['--target', 'kubernetes', '--kubeconfig', node.kubeconfig],
      ...['--namespace', flink.namespace, '--cluster', flink.clusterId],
      ...['--brokers', kafka.bootstrap.join(','), '--gateway', await flink.gateway()],
      ...['--hand-image', flinkImage('1.20')],
    ];
  });
  after(async () => {
    await kafka?.end();
    await node?.end();
    if (it_ && !process.env.FLINCH_KEEP) rmSync(it_.cwd, { recursive: true, force: true });
  });

  for (const name of (
    process.env.FLINCH_ONLY ??
    'delete-leader-pod,stop-leader-pod,kill-leader,evict-taskmanager,pause-taskmanager,partition-taskmanager'
  ).split(',')) {
    it(name, async () => {
      const { code, stdout, stderr } = await it_.run('run', join(ON_PODS, `${name}.yaml`), ...where);
      if (process.env.FLINCH_KEEP) process.stdout.write(`${stderr}\n${stdout}\n`);
      assert.equal(code, 0, `${stdout}\n${stderr}`);
      const [run = ''] = it_.runs().slice(-1);
      assert.match(readFileSync(join(run, 'journal.ndjson'), 'utf8'), /"type":"fault.healed"/);
    });
  }
});
