import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** Whose requests an API server writes down. */
export const AUDITED = 'flinch:audited';

/** A request as the API server got it. */
export interface AuditedRequest {
  /** Wall milliseconds. */
  at: number;
  verb: string;
  uri: string;
}

const log = (dir: string): string => join(dir, 'audit.log');

/** Options of an API server that writes them down. */
export function auditOptions(dir: string): string[] {
  const policy = join(dir, 'audit-policy.yaml');
  const rules = [
    { level: 'Metadata', userGroups: [AUDITED], omitStages: ['ResponseStarted', 'ResponseComplete', 'Panic'] },
    { level: 'None' },
  ];
  writeFileSync(policy, stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }));
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${log(dir)}`];
}

export function auditedRequests(dir: string): AuditedRequest[] {
  if (!existsSync(log(dir))) return [];
  return readFileSync(log(dir), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const { verb, requestURI, requestReceivedTimestamp } = JSON.parse(line) as Record<string, string>;
      return { at: Date.parse(requestReceivedTimestamp ?? ''), verb: verb ?? '', uri: requestURI ?? '' };
    });
}
