import kafkajs from 'kafkajs';
import { systemClock } from '../../../src/core/clock.js';
import { pollUntil } from '../../../src/core/poll.js';

/** Waits until every broker knows all brokers and the controller: kafkajs' admin gives up on one that does not yet. */
export async function untilWhole(bootstrap: readonly string[], within: number): Promise<void> {
  const signal = new AbortController().signal;
  for (const broker of bootstrap) {
    const kafka = new kafkajs.Kafka({ brokers: [broker], clientId: 'whole', logLevel: kafkajs.logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    try {
      const look = async () => {
        const { brokers, controller } = await admin.describeCluster().catch(() => ({ brokers: [], controller: -1 }));
        return brokers.length === bootstrap.length && (controller ?? -1) >= 0 ? true : undefined;
      };
      await pollUntil(`the whole cluster at ${broker}`, look, { every: 50, within, clock: systemClock, signal });
    } finally {
      await admin.disconnect();
    }
  }
}
