import { CoreV1Api, KubeConfig, NetworkingV1Api } from '@kubernetes/client-node';
import { execa } from 'execa';
import { systemClock } from '../../../../src/core/clock.js';
import { pollForever } from '../../../../src/core/poll.js';
import { TOOL_PATH } from '../../../../src/target/local/tool-path.js';
import type { KubernetesNode } from './node.js';
import { type Manner, rulesFor, TABLE, type World } from './policy-rules.js';

/** Somebody who enforces the NetworkPolicies of a namespace, as the network plugin of the node does not. */
export interface PolicyEnforcer {
  /** Names of the policies that were seen so far. */
  seen(): string[];
  /** What went wrong, a line each. */
  trouble(): string[];
  /** Forbids nothing any more. */
  end(): Promise<void>;
}

/** By rules in the pods' own networks, so that nothing of the node has to be touched. */
export function enforcePolicies(node: KubernetesNode, namespace: string, manner: Manner): PolicyEnforcer {
  const config = new KubeConfig();
  config.loadFromFile(node.kubeconfig);
  const [core, networking] = [config.makeApiClient(CoreV1Api), config.makeApiClient(NetworkingV1Api)];
  /** By the uid of a pod. */
  const applied = new Map<string, string>();
  const seen = new Set<string>();
  const trouble: string[] = [];
  const over = new AbortController();

  const enforce = async (pod: string, uid: string, rules: string | undefined): Promise<void> => {
    if (applied.get(uid) === rules) return;
    const pid = await node.hostPid(pod, undefined, namespace);
    // All of it comes about at once; a table that is declared may be deleted also where there was none.
    const input = `table inet ${TABLE}\ndelete table inet ${TABLE}\n${rules ?? ''}`;
    await execa('nsenter', [`--target=${pid}`, '--net', '--', 'nft', '-f', '-'], {
      input,
      env: { PATH: TOOL_PATH },
      timeout: 20_000,
    });
    if (rules === undefined) applied.delete(uid);
    else applied.set(uid, rules);
  };
  const look = async (): Promise<void> => {
    const [{ items: policies }, { items: pods }, { items: namespaces }] = await Promise.all([
      networking.listNamespacedNetworkPolicy({ namespace }),
      core.listPodForAllNamespaces(),
      core.listNamespace(),
    ]);
    for (const { metadata } of policies) seen.add(metadata?.name ?? '');
    const world: World = {
      pods,
      namespaces: Object.fromEntries(namespaces.map(({ metadata }) => [metadata?.name ?? '', metadata?.labels ?? {}])),
    };
    for (const pod of pods) {
      const { name = '', uid = '' } = pod.metadata ?? {};
      const isHere = pod.metadata?.namespace === namespace && !pod.spec?.hostNetwork;
      if (!isHere || !pod.status?.containerStatuses?.[0]?.state?.running) continue;
      await enforce(name, uid, rulesFor(pod, policies, world, manner));
    }
  };
  const ended = pollForever(
    look,
    ({ error }) => {
      if (error !== undefined) trouble.push(String(error));
    },
    { every: 300, clock: systemClock, signal: over.signal },
  );
  return {
    seen: () => [...seen],
    trouble: () => trouble,
    async end() {
      over.abort();
      await ended;
      const { items } = await core.listNamespacedPod({ namespace });
      for (const { metadata } of items) {
        const { name = '', uid = '' } = metadata ?? {};
        if (applied.has(uid)) await enforce(name, uid, undefined);
      }
    },
  };
}
