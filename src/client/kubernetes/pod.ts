import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';

/** A container of a pod that ran, or runs. */
export interface Container {
  id: string;
  name: string;
  startedAt: string;
  running: boolean;
  /** How it ended. */
  ended?: { code: number; signal?: number };
}

/** What is known of a pod. */
export interface Pod {
  name: string;
  uid: string;
  /** Of this state of it: a later state has a higher one. */
  version: bigint;
  labels: Readonly<Record<string, string>>;
  /** Wall milliseconds. */
  createdAt: number;
  /** Set once it was asked to go. */
  leaving: boolean;
  ready: boolean;
  /** Milliseconds from SIGTERM to SIGKILL, unless whoever deletes it says another time. */
  grace: number;
  /** What Flink's container is to run. */
  image: string;
  /** Why that does not run: "ErrImagePull". Absent where it runs, or has not come that far. */
  waits?: string;
  /** Its service account. */
  account: string;
  /** Who made it. */
  owner?: { kind: string; name: string };
  node?: string;
  ip?: string;
  /** All of its addresses, where it has more than that one. */
  ips?: readonly string[];
  /** Set where its network is that of its machine. */
  hostNetwork?: true;
  /** Of Flink; absent before its first start. The last one that ran, where it ended. */
  container?: Container;
  /** The one before, where the pod has started it again. */
  before?: Container;
}

/** @param main the container that is meant, where a pod has several; the first one where none has that name */
export function podOf({ metadata, spec, status }: V1Pod, main: string | undefined): Pod {
  const all = status?.containerStatuses ?? [];
  const found = all.find(({ name }) => name === main) ?? all[0];
  const container = found && currentOf(found);
  const ips = (status?.podIPs ?? []).map(({ ip }) => ip);
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  const before =
    found?.lastState?.terminated && found.state?.running ? endedOf(found.name, found.lastState) : undefined;
  return {
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    version: BigInt(metadata?.resourceVersion ?? 0),
    labels: metadata?.labels ?? {},
    createdAt: new Date(metadata?.creationTimestamp ?? 0).getTime(),
    leaving: metadata?.deletionTimestamp !== undefined,
    ready: status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True',
    image: (spec?.containers.find(({ name }) => name === main) ?? spec?.containers[0])?.image ?? '',
    ...(found?.state?.waiting?.reason !== undefined && { waits: found.state.waiting.reason }),
    account: spec?.serviceAccountName ?? 'default',
    grace: (spec?.terminationGracePeriodSeconds ?? 30) * 1000,
    ...(owner && { owner: { kind: owner.kind, name: owner.name } }),
    ...(spec?.nodeName !== undefined && { node: spec.nodeName }),
    ...(status?.podIP !== undefined && { ip: status.podIP }),
    ...(ips.length > 1 && { ips }),
    ...(spec?.hostNetwork && { hostNetwork: true as const }),
    ...(container && { container }),
    ...(before && { before }),
  };
}

function currentOf({ name, state, lastState, containerID }: V1ContainerStatus): Container | undefined {
  if (state?.running && containerID !== undefined) {
    return { id: bare(containerID), name, startedAt: at(state.running.startedAt), running: true };
  }
  // Between two starts the one that ended is all there is.
  return endedOf(name, state?.terminated ? state : lastState);
}

function endedOf(name: string, state: V1ContainerStatus['state']): Container | undefined {
  const { containerID, startedAt, exitCode, signal } = state?.terminated ?? {};
  if (containerID === undefined || exitCode === undefined) return undefined;
  const ended = { code: exitCode, ...(signal ? { signal } : {}) };
  return { id: bare(containerID), name, startedAt: at(startedAt), running: false, ended };
}

/** A watch tells of times as text, other calls do as dates. */
const at = (time: Date | undefined): string => new Date(time ?? 0).toISOString();

/** "containerd://4f2a…" */
const bare = (id: string): string => id.replace(/^[a-z-]+:\/\//, '');
