/**
 * Flink's settings that shape a recovery with their defaults, the same from 1.20 to 2.3 (generated configuration tables
 * of the documentation). An empty default means: not set, the feature is off.
 */
export const FLINK_RECOVERY_DEFAULTS: Readonly<Record<string, string>> = {
  'high-availability.type': 'NONE',
  'high-availability.zookeeper.client.session-timeout': '60 s',
  'high-availability.zookeeper.client.connection-timeout': '15 s',
  'high-availability.zookeeper.client.retry-wait': '5 s',
  'high-availability.zookeeper.client.max-retry-attempts': '3',
  'high-availability.zookeeper.client.tolerate-suspended-connections': 'false',
  'high-availability.kubernetes.leader-election.lease-duration': '15 s',
  'high-availability.kubernetes.leader-election.renew-deadline': '15 s',
  'high-availability.kubernetes.leader-election.retry-period': '5 s',
  'heartbeat.interval': '10 s',
  'heartbeat.timeout': '50 s',
  'heartbeat.rpc-failure-threshold': '2',
  'pekko.ask.timeout': '10 s',
  'cluster.registration.initial-timeout': '100 ms',
  'cluster.registration.max-timeout': '30 s',
  'cluster.registration.error-delay': '10 s',
  'cluster.registration.refused-registration-delay': '30 s',
  'jobmanager.scheduler': 'Default',
  'jobmanager.execution.failover-strategy': 'region',
  'restart-strategy.type': 'exponential-delay',
  'restart-strategy.exponential-delay.initial-backoff': '1 s',
  'restart-strategy.exponential-delay.max-backoff': '1 min',
  'restart-strategy.exponential-delay.backoff-multiplier': '1.5',
  'restart-strategy.exponential-delay.jitter-factor': '0.1',
  'restart-strategy.fixed-delay.attempts': '1',
  'restart-strategy.fixed-delay.delay': '1 s',
  'restart-strategy.failure-rate.delay': '1 s',
  'slot.request.timeout': '5 min',
  'taskmanager.slot.timeout': '10 s',
  'taskmanager.registration.timeout': '5 min',
  'resourcemanager.taskmanager-registration.timeout': '5 min',
  'task.cancellation.interval': '30 s',
  'task.cancellation.timeout': '180 s',
  'execution.checkpointing.interval': '',
  'execution.checkpointing.timeout': '10 min',
  'execution.checkpointing.min-pause': '0 ms',
  'execution.checkpointing.tolerable-failed-checkpoints': '0',
  'execution.state-recovery.from-local': 'false',
  'state.backend.type': 'hashmap',
  'web.refresh-interval': '3 s',
  'rest.cache.checkpoint-statistics.timeout': '3 s',
};

/** Older names under which 1.20 still takes a setting. */
export const FLINK_ALIASES: Readonly<Record<string, string>> = {
  'high-availability': 'high-availability.type',
  'restart-strategy': 'restart-strategy.type',
  'akka.ask.timeout': 'pekko.ask.timeout',
  'state.backend': 'state.backend.type',
  'state.backend.incremental': 'execution.checkpointing.incremental',
  'state.checkpoint-storage': 'execution.checkpointing.storage',
  'state.checkpoints.dir': 'execution.checkpointing.dir',
  'state.checkpoints.num-retained': 'execution.checkpointing.num-retained',
  'state.savepoints.dir': 'execution.checkpointing.savepoint-dir',
  'state.backend.local-recovery': 'execution.state-recovery.from-local',
};

/** Of those, the ones that Flink knows by their newer name since 1.20 only. */
export const RENAMED_IN_1_20: ReadonlySet<string> = new Set([
  'state.backend.incremental',
  'state.checkpoint-storage',
  'state.checkpoints.dir',
  'state.checkpoints.num-retained',
  'state.savepoints.dir',
  'state.backend.local-recovery',
]);
