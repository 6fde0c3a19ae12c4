import { openLog } from '../dist/client/kafka/log/log-reader.js';
import { readData } from '../dist/workload/read-back.js';

/**
 * Reads, parses and matches a topic of lane records, both views, as a run does; prints records a second, CPU
 * nanoseconds of a record and the most memory in bytes.
 */
const [brokers = '', topic = '', records = '', lanes = ''] = process.argv.slice(2);
const each = Number(records) / Number(lanes);
const attempted = new Map(Array.from({ length: Number(lanes) }, (_, lane) => [lane, each]));
const reader = openLog({ brokers: brokers.split(','), clientId: 'bench', deadlineMs: 60_000 });
const spent = process.cpuUsage();
const began = performance.now();
const { committed, uncommitted } = await readData(reader, topic, attempted);
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(spent);
reader.close();
for (const view of [committed, uncommitted]) {
  const whole = view.lanes.every(
    ({ seen, repeated }) => repeated.length === 0 && seen.length === 1 && seen[0]?.[0] === 1 && seen[0][1] === each,
  );
  if (!view.complete || view.records !== Number(records) || !whole)
    throw new Error(`not whole: ${view.records} records, ${view.reason}`);
}
const rss = process.resourceUsage().maxRSS * 1024;
const cpu = ((user + system) * 1000) / Number(records);
process.stdout.write(JSON.stringify({ rate: Number(records) / seconds, cpu, rss }));
