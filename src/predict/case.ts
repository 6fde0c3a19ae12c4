import type { Guarantee, Scenario } from '../core/scenario.js';
import type { Configuration } from './configuration.js';

/** What a prediction is made for: one fault on one cluster. Times in milliseconds. */
export interface Case {
  kind: string;
  options: Readonly<Record<string, unknown>>;
  /** Whom it befalls, where that is known better than the options say: a selector. */
  victim?: string;
  set: Configuration;
  cluster: {
    jobManagers: number;
    taskManagers: number;
    slots: number;
    zookeepers: number;
    brokers: number;
    /** Since its JobManagers were started. Undefined where that is not known: it may be old. */
    age?: number;
  };
  job: JobFacts;
  /** Restarts of the job since its JobManager has it: the delay of the next one may grow with them. */
  restarts: number;
}

export interface JobFacts {
  /** Absent where it is not known. */
  parallelism?: number;
  guarantee: Guarantee;
  /** Whether records go from one TaskManager to another, whose death is felt at once then. Undefined where it is not known. */
  shuffles?: boolean;
  /** Records a second that come in, and that it can process at most. */
  rate?: number;
  capacity?: number;
  /** Records that wait; where that is not known, those that come in while nothing is processed. */
  backlog?: number;
  /** How long a checkpoint took at most while all was well. */
  checkpoint?: number;
  /** How long its tasks took at most to be deployed, and to have their state, when it was started. */
  deployment?: number;
  restore?: number;
}

/** What a scenario says of its job; of somebody else's it says little. */
export function jobFacts(workload: Scenario['workload']): JobFacts {
  const { guarantee } = workload;
  if (workload.job === 'attached') return { guarantee };
  const { parallelism, rate, job } = workload;
  return { guarantee, parallelism, rate, shuffles: job === 'count' };
}

/** Whether a process is asked to end, and says goodbye. A pod that goes without grace is asked as well, and given 2 s. */
export const isAsked = ({ kind }: Case): boolean =>
  ['stop', 'restart', 'clockSkew', 'deletePod', 'evictPod'].includes(kind);

/** How long the fault lasts. Undefined where it lasts until the recovery has been seen. */
export const lasts = ({ options, kind }: Case): number | undefined => {
  if (kind === 'restart') return 0;
  return typeof options.duration === 'number' ? options.duration : undefined;
};

/** Whom it befalls, of a fault of nodes: "jobmanager.leader". */
export const victimOf = ({ victim, options: { node } }: Case): string =>
  victim ?? (typeof node === 'string' ? node : '');

export const roleOf = (selector: string): string => selector.replace(/\..*$/, '');

/** Whether that is every node of its role. */
export function isEvery(selector: string, { cluster }: Case): boolean {
  const role = roleOf(selector);
  const count = { jobmanager: cluster.jobManagers, taskmanager: cluster.taskManagers, zookeeper: cluster.zookeepers };
  const of = role === 'broker' ? cluster.brokers : (count[role as keyof typeof count] ?? 0);
  return selector.endsWith('.all') || of === 1;
}

/** Both sides of a fault of the network, by selectors. */
export function sidesOf({ options: { between, and } }: Case): [string[], string[]] {
  const list = (side: unknown): string[] => (Array.isArray(side) ? side.map(String) : []);
  return [list(between), list(and)];
}

/** Whether it stands between these two roles, whichever is on which side. */
export function standsBetween(it: Case, one: string, other: string): boolean {
  const [a, b] = sidesOf(it);
  const has = (side: string[], role: string) => side.some((selector) => roleOf(selector) === role);
  const rest = (side: string[], role: string, opposite: string[]) =>
    has(side, role) || (side.includes('others') && !has(opposite, role));
  return (has(a, one) && rest(b, other, a)) || (has(a, other) && rest(b, one, a));
}

/** Slots that are left while the TaskManagers are away that it befalls. */
export function slotsLeft(it: Case): number {
  const { taskManagers, slots } = it.cluster;
  const victim = takesTaskManagers(it);
  if (victim === undefined) return taskManagers * slots;
  return (isEvery(victim, it) ? 0 : taskManagers - 1) * slots;
}

/** The TaskManagers that it takes from the JobManagers, by a selector. Undefined where it takes none. */
export function takesTaskManagers(it: Case): string | undefined {
  if (it.kind === 'partition') {
    if (!standsBetween(it, 'taskmanager', 'jobmanager')) return undefined;
    return (
      sidesOf(it)
        .flat()
        .find((selector) => roleOf(selector) === 'taskmanager') ?? 'taskmanager.all'
    );
  }
  const victim = victimOf(it);
  return roleOf(victim) === 'taskmanager' ? victim : undefined;
}

/** Whether the tasks find slots without the TaskManagers that are away. Undefined where it is not known how many they need. */
export const slotsSuffice = (it: Case): boolean | undefined =>
  it.job.parallelism === undefined ? undefined : slotsLeft(it) >= it.job.parallelism;
