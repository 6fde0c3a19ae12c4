import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeConfig, type KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node';
import { manifest } from '../../src/target/kubernetes/index.js';
import { type Flinch, flinch } from '../support/flinch.js';
import { startBrokers, type TestBrokers } from '../support/kafka/brokers.js';
import { AUDITED } from '../support/kubernetes/audit.js';
import { type KubernetesNode, startNode } from '../support/kubernetes/node/node.js';
import { needsNode } from '../support/kubernetes/node/prerequisites.js';
import { type OperatedFlink, startOperatedFlink } from '../support/kubernetes/operator/deployment.js';
import { type FlinkOperator, startOperator } from '../support/kubernetes/operator/operator.js';
import { missingForSqlRunner } from '../support/kubernetes/operator/sql-runner.js';
import { assertFew, toldRequests } from '../support/kubernetes/requests.js';
import { enrichOrders, flowOrders, type OrdersFlow } from '../support/orders-flow.js';

const NAME = 'orders';

/** A scenario that attaches to the operator's job, with these faults. */
const scenario = (name: string, faults: string): string => `scenario: ${name}
cluster: { flink: "1.20", jobManagers: 2, taskManagers: 1 }
workload:
  attach:
    job: ${NAME}
    guarantee: exactly-once
    source: { topic: orders, identity: { json: /order/id, as: uuid } }
    sink: { topic: enriched, identity: { json: /orderId, as: uuid } }
    relation: subset
    filter: { json: /type, equals: order }
steadyState: { hold: 5s }
faults:
${faults}
objectives:
  recovery: { within: 180s }
  lost: 0
  duplicated: 0
  unexpected: 0
`;

describe('flinch run on a FlinkDeployment of the operator', () => {
  let node: KubernetesNode;
  let kafka: TestBrokers;
  let operator: FlinkOperator;
  let orders: OrdersFlow;
  let flink: OperatedFlink;
  let it_: Flinch;
  let where: string[];

  before(async function () {
    await needsNode(this);
    const missing = missingForSqlRunner();
    if (missing !== undefined) {
      console.log(missing);
      this.skip();
    }
    node = await startNode();
    kafka = await startBrokers({ host: new URL(node.url).hostname });
    operator = await startOperator(node);
    const flow = { brokers: kafka.bootstrap, source: 'orders', sink: 'enriched', partitions: 2, rate: 200 };
    orders = await flowOrders(flow);
    flink = await startOperatedFlink({ node, operator, name: NAME, statements: enrichOrders(flow, NAME) });
    await flink.until('a deployment that is stable', ({ lifecycleState }) => lifecycleState === 'STABLE');
    const config = new KubeConfig();
    config.loadFromFile(node.kubeconfig);
    const objects = KubernetesObjectApi.makeApiClient(config);
    for (const object of manifest(NAME, { operatorNamespace: operator.namespace }))
      await objects.create(object as KubernetesObject);
    it_ = flinch();
    where = [
      ...[
        '--target',
        'kubernetes',
        '--kubeconfig',
        await node.kubeconfigOf(`system:serviceaccount:${NAME}:flinch`, [AUDITED]),
      ],
      ...[
        '--namespace',
        NAME,
        '--cluster',
        NAME,
        '--operator-namespace',
        operator.namespace,
        '--brokers',
        kafka.bootstrap.join(','),
      ],
    ];
  });
  after(async () => {
    await orders?.end();
    await flink?.end();
    operator?.end();
    await kafka?.end();
    await node?.end();
    if (it_) rmSync(it_.cwd, { recursive: true, force: true });
  });

  const runs = async (name: string, faults: string, more: string) => {
    const file = join(it_.cwd, `${name}.yaml`);
    writeFileSync(file, `${scenario(name, faults)}${more}\n`);
    const ended = await it_.run('run', file, ...where);
    if (process.env.FLINCH_TELL) process.stdout.write(`${ended.stderr}\n${ended.stdout}\n`);
    return ended;
  };
  const passes = async (name: string, faults: string, more = '') => {
    const asked = node.requests().length;
    const { code, stdout, stderr } = await runs(name, faults, more);
    const requests = node.requests().slice(asked);
    if (process.env.FLINCH_TELL) process.stdout.write(`${toldRequests(requests)}\n`);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assertFew(requests);
  };

  it('passes when the pod of the leading JobManager is deleted', () =>
    passes('delete-leader', '  - deletePod: { node: jobmanager.leader, grace: 0s }'));

  it('passes when the pod of a TaskManager is deleted: Flink asks for another one', () =>
    passes('delete-taskmanager', '  - deletePod: { node: taskmanager, grace: 0s }', 'guards: { remain: 0 }'));

  it('passes when the operator carries the job over by a savepoint', () =>
    passes('upgrade', '  - upgradeDeployment: { mode: savepoint }', 'guards: { remain: 0, standby: false }'));

  it('passes when the leading JobManager goes while the operator carries the job over from its latest checkpoint', () =>
    passes(
      'upgrade-under-fault',
      `  - together:
      - deletePod: { node: jobmanager.leader, grace: 0s }
      - upgradeDeployment: { mode: last-state }`,
      'guards: { remain: 0, standby: false }',
    ));

  it('passes when the operator suspends the job for a time, and starts it from its savepoint', () =>
    passes('suspension', '  - suspendDeployment: { duration: 10s }', 'guards: { remain: 0, standby: false }'));

  it('is felt by nobody when the operator itself is killed, and nothing is asked of it', async () => {
    const { code, stdout, stderr } = await runs('operator-away', '  - deleteOperator: { grace: 1s }', '');
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /The job was not impacted/);
  });

  it('passes when the operator itself is killed while it carries the job over, and goes on with that', () =>
    passes(
      'operator-killed',
      `  - together:
      - upgradeDeployment: { mode: last-state }
      - deleteOperator: { grace: 1s }`,
      'guards: { remain: 0, standby: false }',
    ));

  for (const [name, fault, healed] of [
    ['upgrade', 'upgradeDeployment: { mode: last-state }', /healed: its upgrade mode is savepoint again/],
    ['suspension', 'suspendDeployment: { duration: 5min }', /healed: the operator calls it STABLE, and the job runs/],
    ['operator', 'deleteOperator: { grace: 1s }', /healed: pod flink-kubernetes-operator-.* of the operator is ready/],
  ] as const) {
    it(`leaves the job running and its mode as it was when it dies in the middle of: ${name}`, async () => {
      const { upgradeMode, state } = (await flink.spec()).job;
      const file = join(it_.cwd, `death-${name}.yaml`);
      writeFileSync(file, `${scenario(`death-${name}`, `  - ${fault}`)}guards: { remain: 0, standby: false }\n`);
      await it_.dies(file, ...where);
      const { code, stdout, stderr } = await it_.run('heal', ...where.slice(0, -2));
      assert.equal(code, 0, `${stdout}\n${stderr}\n${(await operator.log()).slice(-8_000)}`);
      assert.match(stdout, healed);
      await flink.until('a deployment that is stable', ({ lifecycleState }) => lifecycleState === 'STABLE');
      const { job } = await flink.spec();
      assert.deepEqual([job.upgradeMode, job.state ?? 'running'], [upgradeMode, state ?? 'running']);
    });
  }

  it('follows a job of which the operator carries nothing over, and tells what it wrote twice', async () => {
    const upgrade = '  - upgradeDeployment: { mode: stateless }';
    const { code, stdout, stderr } = await runs('upgrade-stateless', upgrade, 'guards: { remain: 0, standby: false }');
    assert.equal(code, 1, `${stdout}\n${stderr}`);
    assert.match(stderr, /job orders goes on as another one/);
    for (const line of [/passed +recovery/, /passed +lost/, /failed +duplicated/]) assert.match(stdout, line);
  });
});
