import assert from 'node:assert/strict';
import { labelsOf } from '../../../../src/target/kubernetes/hands.js';
import { manifest } from '../../../../src/target/kubernetes/permissions.js';
import { type Runner, runnerManifest } from '../../../../src/target/kubernetes/runner.js';

interface Container {
  env: { name: string; value: string }[];
  volumeMounts: { name: string; mountPath: string }[];
}
interface PodSpec {
  serviceAccountName: string;
  restartPolicy: string;
  terminationGracePeriodSeconds: number;
  securityContext: { runAsNonRoot: boolean };
  tolerations: { key: string }[];
  containers: [Container];
}
interface JobSpec {
  backoffLimit: number;
  activeDeadlineSeconds: number;
  template: { spec: PodSpec };
}
interface Made {
  kind: string;
  metadata: { name: string };
  spec: JobSpec & { schedule: string; timeZone: string; concurrencyPolicy: string; jobTemplate?: { spec: JobSpec } };
}

const RUNNER: Runner = {
  name: 'flinch-orders-1',
  namespace: 'flink',
  cluster: 'orders',
  image: 'flinch:1',
  args: ['run', '/scenarios'],
  scenarios: { 'a.yaml': 'scenario: a\n', 'b.yaml': 'scenario: b\n' },
};

function madeOf(runner: Runner) {
  const objects = runnerManifest(runner) as Made[];
  const last = objects.at(-1)?.spec as Made['spec'];
  const job = last.jobTemplate?.spec ?? last;
  return { objects, kinds: objects.map(({ kind }) => kind), last, job, pod: job.template.spec };
}

describe('what carries a run out inside the cluster', () => {
  it('is a Job with its scenarios and a volume, which is tried once and has time to heal', () => {
    const { objects, kinds, job, pod } = madeOf(RUNNER);
    assert.deepEqual(kinds, ['PersistentVolumeClaim', 'ConfigMap', 'Job']);
    assert.deepEqual(
      objects.map(({ metadata: { name } }) => name),
      ['flinch-orders', 'flinch-orders-1', 'flinch-orders-1'],
    );
    assert.equal(job.backoffLimit, 0);
    assert.equal(job.activeDeadlineSeconds, 7200);
    assert.equal(pod.restartPolicy, 'Never');
    assert.ok(pod.terminationGracePeriodSeconds >= 300);
  });

  it('is a CronJob with a schedule, of which one runs at a time', () => {
    const { kinds, last, job } = madeOf({ ...RUNNER, schedule: '0 3 * * *' });
    assert.deepEqual(kinds, ['PersistentVolumeClaim', 'ConfigMap', 'CronJob']);
    assert.deepEqual([last.schedule, last.timeZone, last.concurrencyPolicy], ['0 3 * * *', 'Etc/UTC', 'Forbid']);
    assert.deepEqual(job, madeOf(RUNNER).job);
  });

  it('has no ConfigMap where it needs no scenarios', () => {
    const { kinds, job, pod } = madeOf({ ...RUNNER, args: ['heal'], scenarios: {} });
    assert.deepEqual(kinds, ['PersistentVolumeClaim', 'Job']);
    assert.equal(job.activeDeadlineSeconds, 3600);
    assert.doesNotMatch(JSON.stringify(pod), /configMap|\/scenarios/);
  });

  it('keeps what the next run heals from on the volume of the cluster, whatever the run is called', () => {
    const claimOf = (runner: Runner) => /"claimName":"([^"]+)"/.exec(JSON.stringify(madeOf(runner).pod))?.[1];
    assert.equal(claimOf(RUNNER), claimOf({ ...RUNNER, name: 'another' }));
    assert.notEqual(claimOf(RUNNER), claimOf({ ...RUNNER, cluster: 'payments' }));
    const [container] = madeOf(RUNNER).pod.containers;
    const state = container.env.find(({ name }) => name === 'FLINCH_STATE')?.value ?? '';
    const volume = container.volumeMounts.find(({ name }) => name === 'work')?.mountPath ?? '-';
    assert.ok(state.startsWith(`${volume}/`), state);
  });

  it('gets to a machine that a killed run left cordoned', () => {
    const { tolerations } = madeOf(RUNNER).pod;
    assert.deepEqual(
      tolerations.map(({ key }) => key),
      ['node.kubernetes.io/unschedulable'],
    );
  });

  it('may do what the Role allows, and is not root', () => {
    const [account] = manifest('flink') as { metadata: { name: string } }[];
    const { pod } = madeOf(RUNNER);
    assert.equal(pod.serviceAccountName, account?.metadata.name);
    assert.equal(pod.securityContext.runAsNonRoot, true);
  });

  it('is not taken for a hand, which runs sweep away', () => {
    const hand = Object.keys(labelsOf('orders'));
    const text = JSON.stringify(runnerManifest({ ...RUNNER, schedule: '@daily' }));
    assert.ok(hand.length > 0);
    for (const label of hand) assert.ok(!text.includes(label), label);
  });
});
