import { writeDuration } from '../../core/units.js';
import { takeover } from '../ha.js';
import type { Complaint, Rule } from '../rule.js';

/** A restart, and a JobManager or a broker that has to be started first. Milliseconds. */
const OUTAGE = 5 * 60_000;

export const transactionTimeout: Rule = {
  code: 'transaction-timeout',
  severity: 'error',
  title: 'A Kafka transaction may run out before its checkpoint commits it',
  why: 'An exactly-once sink writes into a transaction that is committed after the next checkpoint. When the outage between the two is longer than transaction.timeout.ms, the broker aborts it: what it held is lost, and the job stays green.',
  fix: "let transaction.timeout.ms of the sink exceed the checkpoint interval and timeout and the longest outage (15 min and more), and the brokers' transaction.max.timeout.ms be no less",
  examples: {
    bad: {
      text: 'execution.checkpointing.interval: 1 min\n',
      facts: { kafka: { transactionTimeout: 60_000, transactionMaxTimeout: 900_000 } },
    },
    good: {
      text: 'execution.checkpointing.interval: 10 s\nexecution.checkpointing.timeout: 1 min\n',
      facts: { kafka: { transactionTimeout: 900_000, transactionMaxTimeout: 900_000 } },
    },
  },
  check({ settings, facts }) {
    const { transactionTimeout: timeout, transactionMaxTimeout: most } = facts.kafka ?? {};
    if (timeout === undefined) return [];
    const found: Complaint[] = [];
    if (most !== undefined && timeout > most) {
      const what = `the sink asks for ${writeDuration(timeout)}, and brokers grant ${writeDuration(most)} at most: it does not start`;
      found.push({ what });
    }
    const interval = settings.duration('execution.checkpointing.interval') ?? 0;
    const checkpoint = settings.duration('execution.checkpointing.timeout') ?? 0;
    const outage = Math.max(OUTAGE, takeover(settings, facts) ?? 0);
    if (timeout > interval + checkpoint + outage) return found;
    const needs = `${writeDuration(interval)} to the next checkpoint, ${writeDuration(checkpoint)} for it and ${writeDuration(outage)} of an outage`;
    const what = `a transaction lasts ${writeDuration(timeout)} at most, and may have to last ${needs}`;
    // Less than an interval and nothing at all is ever committed.
    return [...found, timeout > interval + outage ? { what, severity: 'warning' as const } : { what }];
  },
};
