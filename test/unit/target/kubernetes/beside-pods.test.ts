import assert from 'node:assert/strict';
import type { Pod } from '../../../../src/client/kubernetes/pod.js';
import type { Hands } from '../../../../src/target/kubernetes/hands.js';
import { podNetwork } from '../../../../src/target/kubernetes/network.js';
import type { PodView } from '../../../../src/target/kubernetes/pods.js';
import { podProcesses } from '../../../../src/target/kubernetes/processes.js';
import { seats as seatsOf } from '../../../../src/target/kubernetes/seats.js';
import { handClock } from '../../../support/hand-clock.js';
import { hasCode } from '../../../support/has-code.js';
import { aPod } from '../../../support/kubernetes/a-pod.js';

/** Two pods on a machine each, and hands that write down what they are told. */
function beside({ thorough = false, able = true } = {}) {
  const state = { pods: [aPod('jm-a', 1), aPod('tm-a', 2)] };
  const told: { node: string; args: string[] }[] = [];
  const listeners = new Set<(pods: readonly Pod[]) => void>();
  let answer: (node: string, args: string[]) => { code: number; stdout?: string; stderr?: string } = () => ({
    code: 0,
  });
  const nodes = [
    { name: 'jobmanager-1', role: 'jobmanager' },
    { name: 'taskmanager-1', role: 'taskmanager' },
  ] as const;
  const seats = seatsOf(nodes, ({ labels }) => labels.component);
  seats.settle(state.pods);
  const view: PodView = {
    now: () => state.pods,
    fresh: async () => state.pods,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => {},
  };
  const touched = new Set<string>();
  const hands: Hands = {
    async run(node, _script, ...args) {
      touched.add(node);
      told.push({ node, args });
      return { stdout: '', stderr: '', ...answer(node, args) };
    },
    ready: async () => {},
    able,
    nodes: () => [...touched],
    armed: () => true,
    sweep: async () => 0,
    close: async () => {},
  };
  const deps = { view, seats, hands, thorough, clock: handClock() };
  return {
    told,
    processes: podProcesses(deps),
    network: podNetwork({ ...deps, portOf: () => 8081 }),
    answers: (given: typeof answer) => {
      answer = given;
    },
    become(...pods: Pod[]) {
      state.pods = pods;
      seats.settle(pods);
      for (const listener of listeners) listener(pods);
    },
  };
}

describe('processes of pods', () => {
  it('are asked whether they stand still where an earlier run may have stopped them, and a hand can be sent', async () => {
    for (const [how, asked] of [
      [{}, 0],
      [{ thorough: true }, 1],
      [{ thorough: true, able: false }, 0],
    ] as const) {
      const { processes, told, answers } = beside(how);
      answers(() => ({ code: 0, stdout: 'T\n' }));
      const identity = (await processes.identify('jobmanager-1')) ?? assert.fail();
      assert.equal(await processes.stopped(identity), asked === 1);
      assert.equal(told.length, asked);
    }
  });

  it('are known by their container and pod, and alive while that runs', async () => {
    const { processes, become } = beside();
    const identity = await processes.identify('taskmanager-1');
    assert.deepEqual(identity, {
      pid: 2,
      startTime: 'start-2',
      bootId: 'uid-2',
      container: '00000002abcdef',
      pod: 'tm-a',
    });
    assert.equal(await processes.alive(identity), true);
    const again = { id: '00000009abcdef', name: 'flink', startedAt: '', running: true };
    become(aPod('jm-a', 1), aPod('tm-a', 2, { container: again }));
    assert.equal(await processes.alive(identity), false);
    assert.equal((await processes.identify('taskmanager-1'))?.pid, 9);
  });

  it('are gone as soon as a hand has seen it, before the API server has', async () => {
    const { processes, told } = beside();
    const identity = await processes.identify('taskmanager-1');
    assert.ok(identity);
    await processes.signal(identity, 'SIGKILL');
    assert.deepEqual(told, [{ node: 'machine-2', args: ['00000002abcdef', 'KILL'] }]);
    assert.deepEqual([await processes.alive(identity), await processes.identify('taskmanager-1')], [false, undefined]);
  });

  it('are not said to be signalled where a hand could not', async () => {
    const { processes, answers } = beside();
    const identity = await processes.identify('taskmanager-1');
    assert.ok(identity);
    answers(() => ({ code: 5 }));
    await assert.rejects(processes.signal(identity, 'SIGKILL'), hasCode('FAULT_INJECT', /exit 5 - tm-a on machine-2/));
    assert.equal(await processes.alive(identity), true);
  });

  it('stand still where their state says so; where no hand has been nobody looks, unless it has to be thorough', async () => {
    for (const thorough of [false, true]) {
      const { processes, answers, told } = beside({ thorough });
      const identity = await processes.identify('taskmanager-1');
      assert.ok(identity);
      answers(() => ({ code: 0, stdout: 'T\n' }));
      assert.equal(await processes.stopped(identity), thorough);
      assert.equal(told.length, thorough ? 1 : 0);
      await processes.signal(identity, 'SIGSTOP');
      assert.equal(await processes.stopped(identity), true);
    }
  });

  it('tell how they ended, once: also those whose pod is gone', () => {
    const { processes, become } = beside();
    const exits: unknown[] = [];
    const stop = processes.onExit((exit) => exits.push(exit));
    const killed = { id: '00000002abcdef', name: 'flink', startedAt: '', running: false, ended: { code: 137 } };
    become(aPod('jm-a', 1), aPod('tm-a', 2, { container: killed }));
    become(aPod('tm-a', 2, { container: killed }));
    stop();
    become();
    assert.deepEqual(exits, [
      { node: 'taskmanager-1', pid: 2, pod: 'tm-a', code: null, signal: 'SIGKILL' },
      { node: 'jobmanager-1', pid: 1, pod: 'jm-a', code: null, signal: null },
    ]);
  });
});

describe('the network of pods', () => {
  const rulesOf = (told: { args: string[] }[]) =>
    (told.at(-1)?.args[2] ?? '').split('\n').filter((it) => /^add rule/.test(it));

  it('is cut by rules in the pods of one side, both ways or one way', async () => {
    const { network, told, answers } = beside();
    answers(() => ({ code: 0, stdout: '{"nftables":[]}' }));
    await network.cut({ id: 'cut-1', between: ['taskmanager-1'], and: ['jobmanager-1'] });
    assert.equal(told.at(-1)?.node, 'machine-2');
    assert.deepEqual(rulesOf(told), [
      'add rule inet flinch cut-1-out ip daddr 10.0.0.1 counter drop comment "taskmanager-1 > jobmanager-1"',
      'add rule inet flinch cut-1-in ip saddr 10.0.0.1 counter drop comment "jobmanager-1 > taskmanager-1"',
    ]);
    await network.cut({
      id: 'cut-2',
      between: ['taskmanager-1'],
      and: ['jobmanager-1'],
      direction: 'forth',
      only: { percent: 30 },
    });
    assert.deepEqual(rulesOf(told), [
      'add rule inet flinch cut-2-out ip daddr 10.0.0.1 numgen random mod 10000 < 3000 counter drop comment "taskmanager-1 > jobmanager-1"',
    ]);
  });

  it('is cut from the API server at the address that a pod itself has of it', async () => {
    const { network, told, answers } = beside();
    const listing = '{"nftables":[]}';
    answers((_, [what]) => ({ code: 0, stdout: what === 'uid-1' ? listing : '10.96.0.1 443\n' }));
    await network.cut({
      id: 'cut-1',
      between: ['jobmanager-1'],
      and: ['apiserver'],
      direction: 'forth',
      only: { refused: true },
    });
    assert.deepEqual(rulesOf(told), [
      'add rule inet flinch cut-1-out ip daddr 10.96.0.1 tcp dport 443 meta l4proto tcp counter reject with tcp reset comment "jobmanager-1 > apiserver"',
    ]);
    answers(() => ({ code: 1 }));
    await assert.rejects(
      network.cut({ id: 'cut-2', between: ['jobmanager-1'], and: ['apiserver'] }),
      hasCode('FAULT_INJECT', /./),
    );
  });

  it('has no address or name in a rule that anybody could have made up', async () => {
    const { network, become } = beside();
    await assert.rejects(
      network.cut({ id: 'a; drop', between: ['taskmanager-1'], and: ['jobmanager-1'] }),
      hasCode('INTERNAL', /no name for a cut/),
    );
    become(aPod('jm-a', 1, { ip: '10.0.0.1 accept' }), aPod('tm-a', 2));
    await assert.rejects(
      network.cut({ id: 'cut-1', between: ['taskmanager-1'], and: ['jobmanager-1'] }),
      hasCode('INTERNAL', /no address/),
    );
  });

  it('is restored in every pod, also where no hand has been', async () => {
    const { network, told } = beside();
    await network.restore('cut-1');
    assert.deepEqual(
      told.map(({ node }) => node),
      ['machine-1', 'machine-2'],
    );
  });

  it('is restored where a container does not run just now, too', async () => {
    const { network, told, become } = beside();
    const waiting = { id: '00000002abcdef', name: 'flink', startedAt: '', running: false, ended: { code: 1 } };
    become(aPod('jm-a', 1), aPod('tm-a', 2, { container: waiting }));
    await network.restore('cut-1');
    assert.deepEqual(
      told.map(({ args: [uid] }) => uid),
      ['uid-1', 'uid-2'],
    );
  });

  it('is left alone where it is that of a machine', async () => {
    const { network, answers } = beside();
    answers(() => ({ code: 6 }));
    await assert.rejects(
      network.cut({ id: 'cut-1', between: ['taskmanager-1'], and: ['jobmanager-1'] }),
      hasCode('FAULT_INJECT', /hostNetwork/),
    );
  });

  it('tells what was dropped, of all pods that may be cut', async () => {
    const { network, answers } = beside();
    const listing = (chain: string) =>
      JSON.stringify({
        nftables: [
          { chain: { table: 'flinch', name: chain } },
          { rule: { table: 'flinch', chain, comment: 'a > b', expr: [{ counter: { packets: 3, bytes: 180 } }] } },
          { chain: { table: 'other', name: 'x' } },
        ],
      });
    answers((node) => ({ code: 0, stdout: listing(node === 'machine-1' ? 'cut-1-out' : 'cut-1-in') }));
    assert.deepEqual(await network.cuts(), {});
    await network.restore('none');
    const dropped = { from: 'a', to: 'b', packets: 3, bytes: 180 };
    assert.deepEqual(await network.cuts(), { 'cut-1': [dropped, dropped] });
  });

  it('knows how long a packet takes, and that none comes', async () => {
    const { network, answers } = beside();
    answers(() => ({ code: 0, stdout: '1500\n' }));
    assert.equal(await network.roundTrip('taskmanager-1', 'jobmanager-1'), 1.5);
    answers(() => ({ code: 0, stdout: '\n' }));
    assert.equal(await network.roundTrip('taskmanager-1', 'jobmanager-1'), undefined);
  });
});
