/** What it costs to make a setting that decides a recovery smaller; a line of Flink's, ZooKeeper's or Kafka's own documentation in our words. */
export const COSTS: Readonly<Record<string, string>> = {
  'high-availability.zookeeper.client.session-timeout':
    'a leader that stands still for a third of it, as in a long garbage collection, is deposed',
  'high-availability.kubernetes.leader-election.lease-duration':
    'a leader that stands still for so long, or is kept from the API server, is deposed',
  'high-availability.kubernetes.leader-election.renew-deadline':
    'a leader that is kept from the API server for so long gives up',
  'high-availability.kubernetes.leader-election.retry-period': 'more requests to the API server, by every JobManager',
  'zookeeper.maxSessionTimeout': 'every client of ZooKeeper that asks for more gets less',
  'zookeeper.minSessionTimeout': 'clients of ZooKeeper may ask for less, and lose their sessions sooner',
  'heartbeat.interval': 'more messages between every JobManager and TaskManager',
  'heartbeat.timeout': 'a TaskManager that stands still for so long is taken for dead, and the job restarted',
  'heartbeat.rpc-failure-threshold': 'a short trouble of the network is taken for the death of a TaskManager',
  'restart-strategy.exponential-delay.initial-backoff': 'a job that fails again and again does so more often',
  'restart-strategy.fixed-delay.delay': 'a job that fails again and again uses its attempts up sooner',
  'restart-strategy.failure-rate.delay': 'a job that fails again and again reaches its rate sooner',
  'execution.checkpointing.interval': 'more checkpoints, each of which costs the job and its storage work',
  'cluster.registration.max-timeout': 'TaskManagers that find no JobManager ask more often',
  'kafka.broker.session.timeout.ms': 'a broker that stands still for so long loses its partitions',
};
