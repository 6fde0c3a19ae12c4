import assert from 'node:assert/strict';
import type { BatchV1Api, CoreV1Api } from '@kubernetes/client-node';
import type { CallOptions, JobManifest, KubernetesPods } from '../../../../src/client/kubernetes/connection.js';
import type { Shell, ShellPlace } from '../../../../src/client/kubernetes/shell.js';
import { FlinchError } from '../../../../src/core/error.js';
import { hands } from '../../../../src/target/kubernetes/hands.js';
import { handClock } from '../../../support/hand-clock.js';
import { hasCode } from '../../../support/has-code.js';

const answered = (code: number): FlinchError => new FlinchError('KUBERNETES', { what: `${code}`, cause: { code } });

/** An API server with Jobs, each of which has a pod at once; a test says what it refuses. */
function apiServer() {
  const clock = handClock();
  const state = {
    jobs: ['flinch-hand-earlier-1'],
    manifests: [] as JobManifest[],
    ran: [] as string[],
    /** Status of the answer to a Job. */
    refuses: undefined as number | undefined,
    waiting: undefined as string | undefined,
    /** What hands have heard, by the time. */
    beat: (_passed: number) => '1',
    /** Pods that nobody finds any more. */
    gone: new Set<string>(),
  };
  const podsOf = (labelSelector: string) => {
    const one = /^job-name=(.*)$/.exec(labelSelector)?.[1];
    return state.jobs
      .filter((name) => one === undefined || name === one)
      .map((name) => ({
        metadata: { name: `${name}-pod` },
        status: {
          phase: state.waiting === undefined ? 'Running' : 'Pending',
          containerStatuses: [{ state: state.waiting === undefined ? {} : { waiting: { reason: state.waiting } } }],
        },
      }));
  };
  const batch = {
    createNamespacedJob: async ({ body }: { body: JobManifest }) => {
      if (state.refuses !== undefined) throw answered(state.refuses);
      state.manifests.push(body);
      state.jobs.push(body.metadata?.name ?? '');
    },
    deleteNamespacedJob: async ({ name }: { name: string }) => {
      state.jobs = state.jobs.filter((job) => job !== name);
    },
    listNamespacedJob: async () => ({ items: state.jobs.map((name) => ({ metadata: { name } })) }),
  } as unknown as BatchV1Api;
  const core = {
    listNamespacedPod: async ({ labelSelector }: { labelSelector: string }) => ({ items: podsOf(labelSelector) }),
  } as unknown as CoreV1Api;
  const kubernetes = {
    namespace: 'flink',
    call: (_: string, work: (core: CoreV1Api, options: CallOptions) => unknown) => work(core, {} as CallOptions),
    jobs: (_: string, work: (batch: BatchV1Api, options: CallOptions) => unknown) => work(batch, {} as CallOptions),
    shell: ({ pod }: ShellPlace): Shell => ({
      run: async (script) => {
        if (state.gone.has(pod)) throw answered(404);
        state.ran.push(`${pod}: ${script}`);
        return { code: 0, stdout: script.startsWith('cat ') ? state.beat(clock.passed()) : '', stderr: '' };
      },
      close: () => {},
    }),
  } as unknown as KubernetesPods;
  return { clock, state, sent: hands({ kubernetes, cluster: 'orders', image: 'tools:1', clock }) };
}

describe('hands beside pods', () => {
  const made: { close(): Promise<void> }[] = [];
  const cluster = () => {
    const one = apiServer();
    made.push(one.sent);
    return one;
  };
  // What beats goes on until it is closed.
  afterEach(async () => {
    for (const one of made.splice(0)) await one.close();
  });

  it('are sent to a machine once, when they are needed, privileged and without a token', async () => {
    const { state, sent } = cluster();
    assert.deepEqual([state.manifests.length, sent.nodes()], [0, []]);
    await Promise.all([sent.run('machine-1', 'a'), sent.run('machine-1', 'b')]);
    await sent.run('machine-2', 'c');
    assert.deepEqual(
      state.manifests.map(({ spec }) => spec?.template.spec?.nodeName),
      ['machine-1', 'machine-2'],
    );
    const { spec } = state.manifests[0]?.spec?.template ?? {};
    assert.deepEqual([spec?.hostPID, spec?.automountServiceAccountToken], [true, false]);
    assert.equal(state.manifests[0]?.spec?.ttlSecondsAfterFinished, 0);
    assert.deepEqual(sent.nodes(), ['machine-1', 'machine-2']);
  });

  it('are refused before anything depends on them, with the reason', async () => {
    const { state, sent } = cluster();
    state.refuses = 422;
    await assert.rejects(sent.ready(['machine-1']), hasCode('CAPABILITY_MISSING', /nobody can be sent there: 422/));
    const unpullable = cluster();
    unpullable.state.waiting = 'ErrImagePull';
    await assert.rejects(unpullable.sent.ready(['machine-1']), hasCode('CAPABILITY_MISSING', /ErrImagePull/));
    assert.ok(unpullable.clock.passed() < 1_000, 'it waits for an image that nobody has');
  });

  it('hear from the run every few seconds, and the run knows when one does not', async () => {
    const { clock, state, sent } = cluster();
    await sent.ready(['machine-1']);
    await clock.sleep(60_000);
    assert.ok(sent.armed());
    assert.ok(state.ran.filter((line) => line.includes('/beat')).length >= 12);
    const before = state.jobs.at(-1);
    state.gone.add(`${before}-pod`);
    await clock.sleep(6_000);
    // Its machine is still one where something may have been done.
    assert.deepEqual(sent.nodes(), ['machine-1']);
    await sent.run('machine-1', 'again');
    assert.notEqual(state.jobs.at(-1), before);
  });

  it('are left alone while they hear from another run', async () => {
    const { state, sent } = cluster();
    state.beat = (passed) => String(Math.floor(passed / 5_000));
    await assert.rejects(sent.sweep(), hasCode('CLUSTER_BUSY', /another run goes on/));
    assert.equal(state.jobs.length, 1);
  });

  it('go when the run ends; those of an earlier run are swept away, and only those', async () => {
    const { state, sent } = cluster();
    await sent.ready(['machine-1']);
    assert.equal(await sent.sweep(), 1);
    assert.equal(state.jobs.length, 1);
    await sent.close();
    assert.deepEqual(state.jobs, []);
  });
});
