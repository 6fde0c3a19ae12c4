import assert from 'node:assert/strict';
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { podOf } from '../../../src/client/kubernetes/pod.js';

const AT = new Date('2026-11-23T12:00:00Z');

/** A pod with these containers, as the API tells it. */
const told = (...containerStatuses: Partial<V1ContainerStatus>[]): V1Pod => ({
  metadata: { name: 'tm-a', uid: 'u', labels: { app: 'orders' }, creationTimestamp: AT, resourceVersion: '12' },
  spec: { nodeName: 'machine-1', containers: [] },
  status: {
    podIP: '10.0.0.3',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: containerStatuses as V1ContainerStatus[],
  },
});
const runs = (name: string, id: string): Partial<V1ContainerStatus> => ({
  name,
  containerID: `containerd://${id}`,
  state: { running: { startedAt: AT } },
});
const ended = (id: string, exitCode: number) => ({
  terminated: { containerID: `containerd://${id}`, startedAt: AT, exitCode },
});

describe('a pod, as the API tells it', () => {
  it('has a container that runs', () => {
    const pod = podOf(told(runs('flink', 'c1')), undefined);
    assert.deepEqual(pod, {
      name: 'tm-a',
      uid: 'u',
      version: 12n,
      labels: { app: 'orders' },
      createdAt: AT.getTime(),
      leaving: false,
      ready: true,
      grace: 30_000,
      account: 'default',
      image: '',
      node: 'machine-1',
      ip: '10.0.0.3',
      container: { id: 'c1', name: 'flink', startedAt: AT.toISOString(), running: true },
    });
  });

  it('is the same where a watch tells of it, whose times are text', () => {
    const text = JSON.parse(JSON.stringify(told(runs('flink', 'c1')))) as V1Pod;
    assert.deepEqual(podOf(text, undefined), podOf(told(runs('flink', 'c1')), undefined));
  });

  it('has an image, and waits where that is not there', () => {
    const containers = [
      { name: 'proxy', image: 'proxy:1' },
      { name: 'flink', image: 'none:1' },
    ];
    const waits = { name: 'flink', state: { waiting: { reason: 'ErrImagePull' } } };
    const pod = { ...told(runs('proxy', 'c1'), waits), spec: { containers } };
    const [flink, proxy] = [podOf(pod, 'flink'), podOf(pod, undefined)];
    assert.deepEqual([flink.image, flink.waits, flink.container], ['none:1', 'ErrImagePull', undefined]);
    assert.deepEqual([proxy.image, proxy.waits], ['proxy:1', undefined]);
  });

  it('may have several, of which one has the name', () => {
    const both = told(runs('proxy', 'c1'), runs('flink-main-container', 'c2'));
    assert.equal(podOf(both, 'flink-main-container').container?.id, 'c2');
    assert.equal(podOf(both, 'another').container?.id, 'c1');
  });

  it('has one that ended, while it waits for the next start', () => {
    for (const state of [ended('c1', 137), { waiting: { reason: 'CrashLoopBackOff' } }]) {
      const status = { name: 'flink', containerID: 'containerd://c1', state, lastState: ended('c1', 137) };
      const { container, before } = podOf(told(status), undefined);
      assert.deepEqual([container?.running, container?.ended, before], [false, { code: 137 }, undefined]);
    }
  });

  it('tells of the one before, once it was started again', () => {
    const { container, before } = podOf(told({ ...runs('flink', 'c2'), lastState: ended('c1', 1) }), undefined);
    assert.deepEqual([container?.id, before?.id, before?.ended], ['c2', 'c1', { code: 1 }]);
  });

  it('is there before it has an address, a machine or a container', () => {
    const { ip, node, container, ready } = podOf({ metadata: { name: 'tm-a', uid: 'u' } }, undefined);
    assert.deepEqual([ip, node, container, ready], [undefined, undefined, undefined, false]);
  });

  it('may have more than one address, or those of its machine', () => {
    const pod = told(runs('flink', 'c1'));
    const withIps = (...all: string[]) =>
      podOf({ ...pod, status: { ...pod.status, podIPs: all.map((ip) => ({ ip })) } }, undefined);
    assert.deepEqual(
      [withIps('10.0.0.3').ips, withIps('10.0.0.3', 'fd00::3').ips],
      [undefined, ['10.0.0.3', 'fd00::3']],
    );
    assert.equal(podOf(pod, undefined).hostNetwork, undefined);
    assert.equal(podOf({ ...pod, spec: { containers: [], hostNetwork: true } }, undefined).hostNetwork, true);
  });

  it('is leaving once it was asked to go', () => {
    const pod = told(runs('flink', 'c1'));
    assert.equal(podOf({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: AT } }, undefined).leaving, true);
  });
});
