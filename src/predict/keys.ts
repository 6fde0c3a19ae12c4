/** What Flink asks of ZooKeeper. */
export const SESSION = 'high-availability.zookeeper.client.session-timeout';
/** Of leaders that are elected by a lease in a ConfigMap: how long it is good, when its holder gives up, and how often it is renewed. */
export const LEASE = 'high-availability.kubernetes.leader-election.lease-duration';
export const DEADLINE = 'high-availability.kubernetes.leader-election.renew-deadline';
export const RETRY = 'high-availability.kubernetes.leader-election.retry-period';
/** How often a job makes a checkpoint. */
export const INTERVAL = 'execution.checkpointing.interval';
/** Kafka's patience with a broker, and what it is unless told. */
export const BROKER_SESSION = 'kafka.broker.session.timeout.ms';
export const BROKER_SESSION_DEFAULT = '9000';
