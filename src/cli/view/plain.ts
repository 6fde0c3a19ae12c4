import { formatDuration } from '../../core/units.js';
import { deploymentText } from '../../journal/deployment-text.js';
import type { JournalEvent } from '../../journal/events.js';
import { ranAs } from '../../journal/ran-as.js';
import { stepName } from './live.js';
import type { Progress } from './progress.js';

const named = ({ node, ...ran }: { node: string; pid?: number; pod?: string }): string =>
  ran.pid === undefined ? node : `${node}, ${ranAs(ran)}`;

/** One line for what is worth a line in a log; undefined for the rest. `before` is the progress without this event. */
export function plainLine(event: JournalEvent, before: Progress): string | undefined {
  switch (event.type) {
    case 'step':
      return event.state === 'started' ? `${stepName(event.step)} ...` : undefined;
    case 'cluster.up': {
      const how = event.reused ? 'used as it is' : `up after ${formatDuration(event.tookMs)}`;
      return `cluster of ${event.nodes.length} nodes with Flink ${event.flinkVersion}, isolation ${event.isolation}: ${how}`;
    }
    case 'cluster.checked':
      return event.clean ? 'the cluster is clean again' : `the cluster is not as it was: ${event.reason}`;
    case 'job.submitted':
      return `job ${event.name} submitted (${event.jobId})`;
    case 'job.attached':
      return `attached to job ${event.name} (${event.jobId}), a checkpoint every ${formatDuration(event.checkpoints)}`;
    case 'job.followed':
      return `job ${event.name} goes on as another one (${event.jobId})`;
    case 'window.marked':
      if (event.mark === 'begun')
        return `records count from here on${event.settled ? '' : '; what was there before may not be worked off'}`;
      return event.mark === 'ended' ? endedLine(before) : undefined;
    case 'steady-state':
      return event.reached ? 'steady' : `not steady: ${event.reason}`;
    case 'fault.triggered':
      return `fault ${event.fault + 1} begins, ${event.on}: ${event.evidence.join('; ')}`;
    case 'fault.resolved':
      // What befalls the job or the load, and no node.
      if (event.selector === event.node) return `fault ${event.fault + 1}: ${event.kind}: ${event.evidence.join('; ')}`;
      return `fault ${event.fault + 1}: ${event.kind} ${event.selector} is ${[event, ...(event.also ?? [])].map(named).join('; ')}`;
    case 'fault.effective':
    case 'fault.confirmed':
      return `fault ${event.fault + 1} proven: ${event.evidence.join('; ')}`;
    case 'operation.ended':
      return `fault ${event.fault + 1} ended: ${event.text}`;
    case 'fault.not-effective':
      return `fault ${event.fault + 1} not proven: ${event.reason}`;
    case 'fault.healed':
      return `fault ${event.fault + 1} healed: ${event.evidence.join('; ')}`;
    case 'fault.heal-failed':
      return `fault ${event.fault + 1} NOT HEALED: ${event.reason}; remains: ${event.remains}`;
    case 'observed.leader': {
      if (event.error !== undefined || event.leader === undefined) return undefined;
      const name = event.leader === null ? null : (event.leader.node ?? event.leader.address);
      if (name === (before.leader === null ? null : before.leader?.name)) return undefined;
      return name === null ? 'no leader' : `leader: ${name}`;
    }
    case 'observed.deployment':
      return event.deployment === undefined ? undefined : `operator: ${deploymentText(event.deployment)}`;
    case 'observed.jobs': {
      const job = event.jobs?.find(({ id }) => id === before.job?.id);
      const known = before.job?.tasks;
      if (!job) return undefined;
      const running = job.running + job.finished;
      if (known && known.running === running && known.total === job.total) return undefined;
      return `tasks: ${running} of ${job.total} running`;
    }
    case 'stopped':
      return `stopped: ${event.text}`;
    case 'trouble':
      return `trouble ${event.code}: ${event.message}`;
    case 'interrupted':
      return `interrupted by ${event.signal}`;
    default:
      return undefined;
  }
}

function endedLine({ scenario: { workload } }: Progress): string {
  return workload.job === 'attached' && workload.attach.relation.kind === 'aggregate'
    ? 'waiting for the source to pause: only then can totals be compared'
    : 'records count up to here; waiting for them to come out';
}

/** The line with its time since the run began. */
export const stamped = (line: string, ms: number): string => `[${(ms / 1000).toFixed(1).padStart(6)} s] ${line}`;
