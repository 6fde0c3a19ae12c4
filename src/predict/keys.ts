/** What Flink asks of ZooKeeper. */
export const SESSION = 'high-availability.zookeeper.client.session-timeout';
/** How often a job makes a checkpoint. */
export const INTERVAL = 'execution.checkpointing.interval';
/** Kafka's patience with a broker, and what it is unless told. */
export const BROKER_SESSION = 'kafka.broker.session.timeout.ms';
export const BROKER_SESSION_DEFAULT = '9000';
