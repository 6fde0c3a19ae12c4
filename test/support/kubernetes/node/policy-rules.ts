import type { V1LabelSelector, V1NetworkPolicy, V1NetworkPolicyPeer, V1Pod } from '@kubernetes/client-node';

/** How those who enforce policies differ, as Kubernetes leaves it to them. */
export interface Manner {
  /** What becomes of connections that were there before. */
  established: 'cut' | 'spared';
  /** Whether a block of addresses means pods as well, or only what is no pod. */
  blocks: 'pods too' | 'no pods';
  /** What somebody hears whose connection is forbidden. */
  forbidden: 'nothing' | 'a refusal';
}

/** All that policies are about: pods, and the labels of their namespaces. */
export interface World {
  pods: readonly V1Pod[];
  namespaces: Readonly<Record<string, Record<string, string>>>;
}

export const TABLE = 'policies';

/** Rules for the network of a pod, in the language of nft: what policies that select it allow, and nothing else. Undefined where there are none. */
export function rulesFor(
  pod: V1Pod,
  policies: readonly V1NetworkPolicy[],
  world: World,
  manner: Manner,
): string | undefined {
  const own = policies.filter(({ spec }) => selects(spec?.podSelector, pod.metadata?.labels));
  // A connection is only known to be there by who has seen it before it is forbidden.
  const lasting = manner.established === 'spared' ? ['ct state established,related accept'] : [];
  const last = manner.forbidden === 'nothing' ? 'drop' : 'meta l4proto tcp reject with tcp reset';
  const chains = (['Ingress', 'Egress'] as const).flatMap((type) => {
    const applied = own.filter(({ spec }) => spec?.policyTypes?.includes(type));
    const [hook, lo] = type === 'Ingress' ? ['input', 'iifname'] : ['output', 'oifname'];
    const rules = applied.flatMap((policy) => allowed(policy, type, world, manner));
    const lines = [...lasting, ...(applied.length > 0 ? [`${lo} lo accept`, ...rules, last] : [])];
    if (lines.length === 0) return [];
    const all = [`type filter hook ${hook} priority 10; policy accept;`, ...lines];
    return [`chain ${hook} {`, ...all.map((line) => `  ${line}`), '}'];
  });
  return chains.length === 0 ? undefined : `table inet ${TABLE} {\n${chains.join('\n')}\n}\n`;
}

function allowed(policy: V1NetworkPolicy, type: 'Ingress' | 'Egress', world: World, manner: Manner): string[] {
  const { ingress = [], egress = [] } = policy.spec ?? {};
  const rules = type === 'Ingress' ? ingress : egress;
  const at = type === 'Ingress' ? 'saddr' : 'daddr';
  return rules.flatMap((rule) => {
    if (rule.ports?.length) throw new Error('ports are not enforced here');
    const peers = '_from' in rule ? rule._from : 'to' in rule ? rule.to : undefined;
    return peers?.length ? peers.flatMap((peer) => allowedPeer(peer, policy, at, world, manner)) : ['accept'];
  });
}

const list = (addresses: readonly string[]) => `{ ${addresses.join(', ')} }`;
const familyOf = (address: string) => (address.includes(':') ? 'ip6' : 'ip');
const addressOf = ({ status }: V1Pod): string[] => (status?.podIP ? [status.podIP] : []);

function allowedPeer(peer: V1NetworkPolicyPeer, policy: V1NetworkPolicy, at: string, world: World, manner: Manner) {
  const { ipBlock, podSelector, namespaceSelector } = peer;
  if (ipBlock) {
    const family = familyOf(ipBlock.cidr);
    const pods = manner.blocks === 'no pods' ? world.pods.flatMap(addressOf) : [];
    const without = [...(ipBlock.except ?? []), ...pods].filter((it) => familyOf(it) === family);
    return [
      `${family} ${at} ${ipBlock.cidr} ${without.length > 0 ? `${family} ${at} != ${list(without)} ` : ''}accept`,
    ];
  }
  const pods = world.pods.filter(({ metadata, spec }) => {
    const namespace = metadata?.namespace ?? '';
    const isHere = namespaceSelector
      ? selects(namespaceSelector, world.namespaces[namespace])
      : namespace === policy.metadata?.namespace;
    return isHere && !spec?.hostNetwork && (!podSelector || selects(podSelector, metadata?.labels));
  });
  const addresses = pods.flatMap(addressOf);
  return addresses.length > 0 ? [`ip ${at} ${list(addresses)} accept`] : [];
}

/** As the API's own documentation has it: an empty selector means everything; a key that is not there is in no list. */
export function selects(selector: V1LabelSelector | undefined, labels: Record<string, string> = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      const isIn = value !== undefined && values.includes(value);
      switch (operator) {
        case 'In':
          return isIn;
        case 'NotIn':
          return !isIn;
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          throw new Error(`nobody knows the operator ${operator}`);
      }
    })
  );
}
