import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePorts } from '../../../src/target/local/free-ports.js';
import { getJson } from '../../../src/target/local/reachable.js';
import { startReaper } from '../../../src/target/local/reaper.js';
import { type AuditedRequest, auditedRequests, auditOptions } from './audit.js';
import { kubeBinary } from './binary.js';
import { type Authority, type Certificate, createAuthority } from './certificates.js';
import { type Processes, processesIn } from './processes.js';

/** The programs of a control plane. The last two only where controllers were asked for. */
export type Program = 'etcd' | 'apiserver' | 'controller-manager' | 'scheduler';

/** A control plane of Kubernetes, on 127.0.0.1 and without a node unless told. It ends with this process, however it ends. */
export interface ControlPlane {
  /** Path of a kubeconfig that may do everything. */
  readonly kubeconfig: string;
  /** Base URL of the API server. */
  readonly url: string;
  readonly dir: string;
  /** Path of the certificate of whoever signs here. */
  readonly authority: string;
  /** Makes a kubeconfig for a user who may do what RBAC grants to his name and groups. Its path. */
  kubeconfigOf(user: string, groups?: readonly string[]): Promise<string>;
  /** What users of the group `AUDITED` have asked so far. */
  requests(): AuditedRequest[];
  /** SIGKILL, and seen gone: connections are refused from then on. */
  kill(name: Program): Promise<void>;
  /** Pauses or resumes a program: connections hang. */
  signal(name: Program, signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Starts a program again, with the data that it left, and waits until it serves. */
  start(name: Program): Promise<void>;
  pid(name: Program): number;
  /** What a program has said, over all its starts. */
  log(name: Program): string;
  end(): Promise<void>;
}

/** Milliseconds a program may take until it serves, with what others leave of the CPU. */
const START_MS = 120_000;

export interface ControlPlaneOptions {
  /** Whether there are a controller manager and a scheduler. */
  controllers?: boolean;
  /** The address of this host that a node and its pods find the API server at; not one of loopback, 127.0.0.1 unless there are nodes. */
  address?: string;
}

/** What the API server is in the cluster: the first address of its services, and names for it. */
const IN_CLUSTER = ['IP:10.96.0.1', 'DNS:kubernetes', 'DNS:kubernetes.default', 'DNS:kubernetes.default.svc'];

/**
 * Starts etcd and an API server, and with `controllers` a controller manager and a scheduler.
 * @throws Error with the end of the log of the program that does not serve; or why there is no binary
 */
export async function startControlPlane({ controllers, address }: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binary = await kubeBinary();
  if ('missing' in binary) throw new Error(binary.missing);
  const dir = mkdtempSync(join(tmpdir(), 'flinch-kubernetes-'));
  const reaper = startReaper(dir);
  const processes = processesIn(dir, reaper);
  const end = async () => {
    await processes.end();
    reaper.dismiss();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const programs: Program[] = [
      'etcd',
      'apiserver',
      ...(controllers ? (['controller-manager', 'scheduler'] as const) : []),
    ];
    const plan = await makePlan(dir, address);
    const start = async (name: Program) => {
      processes.start(name, binary.path, plan.command(name));
      await serving(name, plan, processes);
    };
    for (const name of programs) await start(name);
    let users = 0;
    return {
      kubeconfig: plan.admin,
      url: plan.url,
      dir,
      authority: plan.authority.certificate,
      kubeconfigOf: async (user, groups = []) => plan.kubeconfig(`user-${++users}`, user, groups),
      requests: () => auditedRequests(dir),
      kill: processes.kill,
      signal: processes.signal,
      start,
      pid: processes.pid,
      log: processes.log,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

interface Plan {
  url: string;
  /** Path of the kubeconfig of somebody who may do everything. */
  admin: string;
  authority: Authority;
  ports: Record<'etcd' | 'peer' | 'apiserver' | 'controller-manager' | 'scheduler', number>;
  command(name: Program): string[];
  kubeconfig(file: string, user: string, groups: readonly string[]): Promise<string>;
}

async function makePlan(dir: string, address = '127.0.0.1'): Promise<Plan> {
  const [authority, dealt] = await Promise.all([createAuthority(dir), freePorts(5)]);
  const [etcd = 0, peer = 0, apiserver = 0, manager = 0, scheduler = 0] = dealt;
  const url = `https://${address}:${apiserver}`;
  const kubeconfig = async (file: string, user: string, groups: readonly string[]) => {
    const path = join(dir, `${file}.kubeconfig`);
    writeFileSync(path, kubeconfigText(url, authority, await authority.issue(file, { user, groups })));
    return path;
  };
  const hosts = ['DNS:localhost', `IP:${address}`, ...IN_CLUSTER];
  const [server, toKubelets, tokens, admin] = await Promise.all([
    authority.issue('apiserver', { user: 'kube-apiserver', hosts }),
    authority.issue('to-kubelets', { user: 'kube-apiserver', groups: ['system:masters'] }),
    authority.signingKey('tokens'),
    kubeconfig('admin', 'admin', ['system:masters']),
  ]);
  const commands: Record<Program, () => string[]> = {
    etcd: () => [
      'etcd',
      `--data-dir=${join(dir, 'etcd')}`,
      `--listen-client-urls=http://127.0.0.1:${etcd}`,
      `--advertise-client-urls=http://127.0.0.1:${etcd}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
      // Nothing here outlives the machine, and a disk that others use makes it miss its own heartbeats.
      '--unsafe-no-fsync',
    ],
    apiserver: () => [
      'kube-apiserver',
      `--etcd-servers=http://127.0.0.1:${etcd}`,
      `--bind-address=${address}`,
      `--advertise-address=${address}`,
      `--secure-port=${apiserver}`,
      // An endpoint on loopback is refused.
      `--endpoint-reconciler-type=${address === '127.0.0.1' ? 'none' : 'lease'}`,
      `--kubelet-client-certificate=${toKubelets.certificate}`,
      `--kubelet-client-key=${toKubelets.key}`,
      // The names of nodes are known to nobody.
      '--kubelet-preferred-address-types=InternalIP',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=Node,RBAC',
      '--allow-privileged=true',
      `--client-ca-file=${authority.certificate}`,
      `--tls-cert-file=${server.certificate}`,
      `--tls-private-key-file=${server.key}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${tokens}`,
      `--service-account-signing-key-file=${tokens}`,
      ...auditOptions(dir),
    ],
    'controller-manager': () => [
      'kube-controller-manager',
      `--kubeconfig=${admin}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${manager}`,
      '--leader-elect=false',
      `--service-account-private-key-file=${tokens}`,
      `--root-ca-file=${authority.certificate}`,
    ],
    scheduler: () => [
      'kube-scheduler',
      `--kubeconfig=${admin}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${scheduler}`,
      '--leader-elect=false',
    ],
  };
  return {
    url,
    admin,
    authority,
    ports: { etcd, peer, apiserver, 'controller-manager': manager, scheduler },
    command: (name) => commands[name](),
    kubeconfig,
  };
}

function kubeconfigText(server: string, authority: Authority, { certificate, key }: Certificate): string {
  const encoded = (path: string) => readFileSync(path).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': encoded(authority.certificate) } }],
    users: [
      { name: 'test', user: { 'client-certificate-data': encoded(certificate), 'client-key-data': encoded(key) } },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'default' } }],
    'current-context': 'test',
  });
}

/** Waits until a program says of itself that it is ready. */
async function serving(name: Program, { authority, ports, url }: Plan, processes: Processes): Promise<void> {
  const look = async (limit: AbortSignal): Promise<true | undefined> => {
    if (name === 'etcd') {
      const { health } = await getJson(`http://127.0.0.1:${ports.etcd}/health`, limit);
      return health === 'true' || undefined;
    }
    // These two answer with certificates that they sign themselves at their start.
    if (name !== 'apiserver') return isReady(`https://127.0.0.1:${ports[name]}/healthz`, undefined, limit);
    return isReady(`${url}/readyz`, readFileSync(authority.certificate), limit);
  };
  await processes.until(`${name} that serves`, name, look, START_MS);
}

/** Whether a URL answers with 200. Rejects where it does not answer. */
function isReady(url: string, ca: Buffer | undefined, signal: AbortSignal): Promise<true | undefined> {
  const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
  return new Promise((resolve, reject) => {
    const request = get(url, { ...trust, signal, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 || undefined);
    });
    request.once('error', reject);
  });
}
