/** What one broker does for all of them. */
export type BrokerDuty = 'transaction-coordinator' | 'group-coordinator' | 'controller';

/** What the servers beside Flink say of themselves. */
export interface Servers {
  /** `leader`, `follower` or `standalone`. @throws when the server does not answer, also without a quorum */
  zookeeperMode(node: string, signal: AbortSignal): Promise<string>;
  /** By broker, how many partitions of the topics of the job it leads. */
  partitionsLed(signal: AbortSignal): Promise<Record<string, number>>;
  /**
   * By broker, how many transactions of the job it has still to end, or 1 for the one that coordinates the consumer group
   * of the job, or that is the active controller. @throws FlinchError FAULT_INJECT where the job's names are not known
   */
  onDuty(duty: BrokerDuty, signal: AbortSignal): Promise<Readonly<Record<string, number>>>;
  /** That a ZooKeeper server, a broker or the gateway does its work, in a sentence; undefined while it does not. */
  serving(node: string, signal: AbortSignal): Promise<string | undefined>;
}
