import { FlinchError } from '../core/error.js';

/** Names the namespaces that runs may touch on this machine: each a name, or a pattern with `*`, separated by commas. */
export const ALLOWED = 'FLINCH_NAMESPACES';

/**
 * Refuses a namespace that is not among those, where any are named. Healing is never refused.
 * @param namespace as it was found: from the command line, or from the context of the kubeconfig @throws FlinchError GUARD
 */
export function refuseNamespace(namespace: string, allowed = process.env[ALLOWED]): void {
  if (allowed === undefined) return;
  const patterns = allowed
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  if (patterns.some((pattern) => asPattern(pattern).test(namespace))) return;
  throw new FlinchError('GUARD', {
    what: `${ALLOWED} allows ${patterns.join(', ') || 'no namespace'}`,
    on: `namespace ${namespace}`,
    todo: `name another one with --namespace, or add it to ${ALLOWED}`,
  });
}

const asPattern = (text: string): RegExp =>
  new RegExp(
    `^${text
      .split('*')
      .map((part) => part.replace(/[^a-z0-9-]/gi, '\\$&'))
      .join('.*')}$`,
  );
