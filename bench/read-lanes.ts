import { openLog } from '../src/client/kafka/log/log-reader.js';
import { readData } from '../src/workload/read-back.js';

/** Reads, parses and matches a topic of lane records, both views, as a run does; prints the rate and the most memory. */
const [brokers = '', topic = '', records = '', lanes = ''] = process.argv.slice(2);
const each = Number(records) / Number(lanes);
const attempted = new Map(Array.from({ length: Number(lanes) }, (_, lane) => [lane, each]));
const reader = openLog({ brokers: brokers.split(','), clientId: 'bench', deadlineMs: 60_000 });
const began = performance.now();
const { committed, uncommitted } = await readData(reader, topic, attempted);
const seconds = (performance.now() - began) / 1000;
reader.close();
for (const view of [committed, uncommitted]) {
  const whole = view.lanes.every(
    ({ seen, repeated }) => repeated.length === 0 && seen.length === 1 && seen[0]?.[0] === 1 && seen[0][1] === each,
  );
  if (!view.complete || view.records !== Number(records) || !whole)
    throw new Error(`not whole: ${view.records} records, ${view.reason}`);
}
process.stdout.write(JSON.stringify({ rate: Number(records) / seconds, rss: process.resourceUsage().maxRSS * 1024 }));
