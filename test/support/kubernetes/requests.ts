import assert from 'node:assert/strict';
import type { AuditedRequest } from './audit.js';

/** For each kind of request how many there are, the most first. */
function kindsOf(requests: readonly AuditedRequest[]): string[] {
  const kinds = new Map<string, number>();
  for (const { verb, uri } of requests) {
    const kind = `${verb} ${uri.replace(/\?.*/, '').replace(/^.*\/namespaces\/[^/]+\//, '')}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return [...kinds].sort(([, a], [, b]) => b - a).map(([kind, count]) => `  ${count} ${kind}`);
}

/** What a run has asked of the API server: in all, a second, and what most of it was. */
export function toldRequests(requests: readonly AuditedRequest[]): string {
  const from = (at: number) => requests.filter((it) => it.at >= at && it.at < at + 10_000);
  const [busiest = []] = requests.map(({ at }) => from(at)).sort((a, b) => b.length - a.length);
  return [
    `${requests.length} requests, ${perSecond(requests).toFixed(1)} a second; at most ${busiest.length / 10} over 10 s`,
    ...kindsOf(requests).slice(0, 8),
    ...['in those 10 s:', ...kindsOf(busiest).slice(0, 12)],
  ].join('\n');
}

/** Of the API server, a second: others use it as well. */
const MOST_REQUESTS = 3;

/** Not more than a run may ask; none at all are those of somebody who is not audited. */
export const assertFew = (requests: readonly AuditedRequest[]): void =>
  assert.ok(requests.length > 0 && perSecond(requests) <= MOST_REQUESTS, toldRequests(requests));

function perSecond(requests: readonly AuditedRequest[]): number {
  const [first, last] = [requests[0]?.at ?? 0, requests.at(-1)?.at ?? 0];
  return requests.length / Math.max(1, (last - first) / 1000);
}
