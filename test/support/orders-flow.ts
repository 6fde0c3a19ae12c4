import { createTopics } from '../../src/client/kafka/write/admin.js';
import { systemClock } from '../../src/core/clock.js';
import { fill } from './kafka/fill.js';
import { sourceOrder } from './kafka/orders.js';

/** Orders that go on being written, whatever becomes of who reads them. */
export interface OrdersFlow {
  /** Written so far. */
  written(): number;
  end(): Promise<void>;
}

export interface OrdersFlowOptions {
  brokers: readonly string[];
  source: string;
  sink: string;
  partitions: number;
  /** Records a second. */
  rate: number;
}

const CHUNK_MS = 200;

/** Makes both topics, and writes orders to the first one. */
export async function flowOrders(options: OrdersFlowOptions): Promise<OrdersFlow> {
  const { brokers, source, sink, partitions, rate } = options;
  const topic = (name: string) => ({ name, partitions, replicationFactor: 1 });
  await createTopics([topic(source), topic(sink)], { brokers, clientId: 'somebody', deadlineMs: 20_000 });
  let [written, stopped] = [0, false];
  const flow = (async () => {
    for (const begun = systemClock.mono(); !stopped; ) {
      const due = Math.floor(((systemClock.mono() - begun) * rate) / 1000 / partitions) * partitions;
      const [first, each] = [written / partitions, (due - written) / partitions];
      await fill({ brokers, topic: source, partitions }, (partition, n) =>
        n < each ? sourceOrder((first + n) * partitions + partition) : undefined,
      );
      written = due;
      await systemClock.sleep(CHUNK_MS);
    }
  })();
  return {
    written: () => written,
    async end() {
      stopped = true;
      await flow;
    },
  };
}

/** Statements of a job that enriches orders and drops heartbeats. */
export function enrichOrders({ brokers, source, sink }: OrdersFlowOptions, name: string): string[] {
  const kafka = `'connector' = 'kafka', 'properties.bootstrap.servers' = '${brokers.join(',')}', 'format' = 'json'`;
  return [
    `CREATE TEMPORARY TABLE orders_in (\`type\` STRING, \`order\` ROW<\`id\` STRING>, \`at\` BIGINT) WITH (${kafka},
     'topic' = '${source}', 'scan.startup.mode' = 'earliest-offset', 'properties.group.id' = '${name}')`,
    `CREATE TEMPORARY TABLE orders_out (orderId STRING, total BIGINT) WITH (${kafka}, 'topic' = '${sink}',
     'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '${name}',
     'properties.transaction.timeout.ms' = '600000')`,
    "INSERT INTO orders_out SELECT UPPER(`order`.`id`), MOD(`at`, 1000) FROM orders_in WHERE `type` = 'order'",
  ];
}
