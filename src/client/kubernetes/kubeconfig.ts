import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Cluster, KubeConfig } from '@kubernetes/client-node';
import { FlinchError, messageOf } from '../../core/error.js';

export interface KubeconfigOptions {
  /** A kubeconfig; where kubectl finds one unless told: $KUBECONFIG, ~/.kube/config, or the service account of a pod. */
  kubeconfig?: string;
  /** A context of it; its current one unless told. */
  context?: string;
}

/** The token of a pod's service account. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * Fills an empty configuration of the library's.
 * @returns the cluster of its context, and the namespace where that names one
 * @throws FlinchError KUBECONFIG
 */
export function loadKubeconfig(
  config: KubeConfig,
  { kubeconfig, context }: KubeconfigOptions,
): { cluster: Cluster; namespace?: string } {
  const files = kubeconfig === undefined ? usualFiles() : [kubeconfig];
  const on = files.length > 0 ? files.join(', ') : 'a kubeconfig';
  const refused = (what: string, todo: string, cause?: unknown): FlinchError =>
    new FlinchError('KUBECONFIG', { what, on, todo, cause });
  if (files.length === 0 && !existsSync(ACCOUNT)) {
    // The library would take a server on this host for the cluster.
    throw refused('there is none', 'name one with --kubeconfig, or set KUBECONFIG');
  }
  if (!files.every((file) => existsSync(file))) throw refused('it is not there', 'check the path');
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw refused(`it cannot be read: ${messageOf(error)}`, 'check it', error);
  }
  const known = config.contexts.map(({ name }) => name).join(', ');
  if (context !== undefined) {
    if (!config.getContextObject(context)) throw refused(`it has no context ${context}`, `write one of ${known}`);
    config.setCurrentContext(context);
  }
  const current = config.getCurrentContext();
  const cluster = config.getCurrentCluster();
  if (!cluster || !config.getCurrentUser()) {
    const what = current ? `its context ${current} is not whole` : 'it has no current context';
    throw refused(what, known === '' ? 'it names no context' : `name one with --context: ${known}`);
  }
  const { namespace } = config.getContextObject(current) ?? {};
  return { cluster, ...(namespace === undefined ? {} : { namespace }) };
}

/** Those that kubectl reads as well. */
function usualFiles(): string[] {
  const { KUBECONFIG } = process.env;
  if (KUBECONFIG) return KUBECONFIG.split(delimiter).filter((file) => file !== '');
  const usual = join(homedir(), '.kube', 'config');
  return existsSync(usual) ? [usual] : [];
}
