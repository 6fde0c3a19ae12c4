import { createFlinkRest } from '../client/flink/rest.js';
import { messageOf } from '../core/error.js';
import { formatDuration } from '../core/units.js';
import { leftovers } from '../run/safety/leftovers.js';
import { connectKept, findKept } from '../target/local/index.js';

/** What the kept cluster is, and which of its nodes run. Exit code 3 when there is none. */
export async function status(): Promise<number> {
  const kept = await findKept();
  if (!kept) {
    process.stdout.write('there is no kept cluster; start one with: flinch up\n');
    return 3;
  }
  const cluster = connectKept(kept);
  const { flinkVersion, isolation } = kept.prepared;
  const age = formatDuration(Date.now() - kept.since);
  const lines = [
    `Flink ${flinkVersion}, isolation ${isolation}, up for ${age}`,
    `web UI: ${kept.webUi}`,
    `logs: ${kept.runDir}/logs`,
  ];
  for (const { name, host } of cluster.nodes) {
    const identity = await cluster.processes.identify(name).catch(() => undefined);
    lines.push(`  ${name.padEnd(16)} ${host.padEnd(14)} ${identity ? `process ${identity.pid}` : 'NOT RUNNING'}`);
  }
  cluster.close();
  lines.push(await flinkLine(kept.webUi));
  for (const { kind, node, run } of leftovers())
    lines.push(`  left behind: ${kind} on ${node} by ${run}; undo it with: flinch heal`);
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

async function flinkLine(webUi: string): Promise<string> {
  const rest = createFlinkRest(webUi);
  try {
    const { taskManagers, slotsTotal, slotsAvailable } = await rest.overview();
    return `Flink: ${taskManagers} TaskManagers, ${slotsAvailable} of ${slotsTotal} slots free`;
  } catch (error) {
    return `Flink does not answer: ${messageOf(error)
      .split(/[:\n] /)
      .slice(0, 2)
      .join(': ')}`;
  } finally {
    rest.close();
  }
}
