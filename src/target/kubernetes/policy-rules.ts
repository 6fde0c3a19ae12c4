import type { PolicyPeer, PolicySpec } from '../../client/kubernetes/network-policies.js';
import { FlinchError } from '../../core/error.js';

/** The sides of a cut, as its pods are marked. */
export const MARKS = ['between', 'and'] as const;
export type Mark = (typeof MARKS)[number];

/** In the name of a policy, and in the key of a label, which has 63 characters at most. */
const ID = /^[a-z][a-z0-9-]{0,40}$/;

/** @throws FlinchError INTERNAL */
function checkedId(id: string): string {
  if (ID.test(id)) return id;
  throw new FlinchError('INTERNAL', { what: 'this is no name for a NetworkPolicy', on: id });
}

/** The label of the pods that are meant; its value is their side. */
export const markKey = (id: string): string => `flinch/${checkedId(id)}`;

/** By its mark, so that a cut has the same names for whoever heals it. */
export const policyName = (id: string, mark: Mark): string => `flinch-${checkedId(id)}-${mark}`;

const ADDRESS = /^[0-9a-fA-F.:]+$/;

/** One address, as a block of them. @throws FlinchError INTERNAL */
function block(address: string): string {
  if (!ADDRESS.test(address)) throw new FlinchError('INTERNAL', { what: 'this is no address', on: address });
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

/**
 * The pods of one side may connect to, and be connected to by, everybody but those of the other one. A policy forbids by what it
 * does not allow, so it allows all the rest. Whether a block of addresses means pods as well is up to whoever enforces
 * it: so pods are allowed by their labels, and left out by their addresses too.
 * @param addresses of the pods of the other side
 */
export function keepingAwayFrom(id: string, own: Mark, addresses: readonly string[]): PolicySpec {
  const key = markKey(id);
  const [other = own] = MARKS.filter((mark) => mark !== own);
  const without = (isMeant: (address: string) => boolean) => addresses.filter(isMeant).map(block);
  const peers: PolicyPeer[] = [
    { namespaceSelector: {}, podSelector: { matchExpressions: [{ key, operator: 'NotIn', values: [other] }] } },
    { ipBlock: { cidr: '0.0.0.0/0', except: without((it) => !it.includes(':')) } },
    { ipBlock: { cidr: '::/0', except: without((it) => it.includes(':')) } },
  ];
  return {
    podSelector: { matchLabels: { [key]: own } },
    // Each alone cuts off both sides; with both it does so too where others allow the one or the other.
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ _from: peers }],
    egress: [{ to: peers }],
  };
}
