/** Goes into namespaces, builds network and disks of a small cluster there, cuts and fills them, and prints what it saw. */
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { execa } from 'execa';
import type { ClusterSpec } from '../../src/core/scenario.js';
import { localDisks } from '../../src/target/local/disks.js';
import { insideNamespace } from '../../src/target/local/inside.js';
import { decideIsolation } from '../../src/target/local/isolation-probe.js';
import { layOut } from '../../src/target/local/layout.js';
import { watchLifeline } from '../../src/target/local/lifeline.js';
import { buildWorld, removeWorld } from '../../src/target/local/network.js';
import { packetFilter } from '../../src/target/local/packet-filter.js';
import { reexecInside } from '../../src/target/local/reexec.js';
import { TOOL_PATH } from '../../src/target/local/tool-path.js';
import { PRIVATE_ROOT, worldPaths } from '../../src/target/local/world-paths.js';
import type { NetworkControl, NetworkCut } from '../../src/target/ports.js';

const spec: ClusterSpec = {
  flink: '1.20',
  highAvailability: 'zookeeper',
  jobManagers: 1,
  taskManagers: 2,
  slots: 1,
  zookeepers: 1,
  brokers: 1,
  disk: 1024 ** 2,
  flinkConfig: {},
  zookeeperConfig: {},
  kafkaConfig: {},
};
const FOREIGN = `add table bridge other
add chain bridge other c { type filter hook forward priority 0; }
add rule bridge other c ip saddr 192.0.2.1 counter drop comment "ours > not"`;

const say = (step: string, value: unknown) => console.log(JSON.stringify({ step, value }));
const nft = async (args: string[], input = '') =>
  (await execa('nft', args, { input, env: { PATH: TOOL_PATH } })).stdout;
/** The table of somebody else, and the names of all tables. */
const foreign = () => nft(['list', 'table', 'bridge', 'other']);
const tables = async () => (await nft(['list', 'tables'])).split('\n').sort();

/** 400 datagrams of 1000 bytes from taskmanager-1, in a second or so. */
async function sendDatagrams(to: string): Promise<void> {
  const script = `const s = require('node:dgram').createSocket('udp4');
    let n = 0;
    const send = () => n++ < 400 ? s.send(Buffer.alloc(1000), 9, '${to}', () => setTimeout(send, 1)) : s.close();
    send();`;
  await execa('nsenter', ['--net=/run/netns/taskmanager-1', process.execPath, '-e', script], { timeout: 20_000 });
}

/** Two that have a connection, and tell what becomes of it: how each end of it ended. */
function talk(from: string, to: string, host: string) {
  const inside = (name: string, script: string) =>
    execa('nsenter', [`--net=/run/netns/${name}`, process.execPath, '-e', script], { timeout: 20_000, reject: false });
  const tell =
    "s.on('error', (e) => { console.log(e.code); process.exit(); }); s.on('close', () => console.log('closed'));";
  const server = inside(
    to,
    `require('node:net').createServer((s) => { s.write('x'); ${tell} }).listen(7000, '${host}', () => console.error('up'));`,
  );
  const client = () =>
    inside(
      from,
      `const s = require('node:net').connect(7000, '${host}'); s.on('data', () => console.error('up')); ${tell}`,
    );
  return { server, client };
}

const once = (stream: NodeJS.ReadableStream) => new Promise((resolve) => stream.once('data', resolve));

/** Milliseconds from each TaskManager to the JobManager and back: before, with both late, with one of them late, after. */
async function late(filter: NetworkControl): Promise<unknown> {
  const trips = async () => [
    await filter.roundTrip('taskmanager-1', 'jobmanager-1', 5_000),
    await filter.roundTrip('taskmanager-2', 'jobmanager-1', 5_000),
  ];
  const both: NetworkCut = {
    id: 'cut-both',
    between: ['taskmanager-1'],
    and: ['jobmanager-1', 'broker-1'],
    only: { late: 300, jitter: 100 },
  };
  const back: NetworkCut = {
    id: 'cut-back',
    between: ['taskmanager-2'],
    and: ['jobmanager-1'],
    direction: 'back',
    only: { late: 900, jitter: 0 },
  };
  const cuts = async () =>
    Object.fromEntries(Object.entries(await filter.cuts()).filter(([id]) => id === both.id || id === back.id));
  const before = await trips();
  await filter.cut(both);
  await filter.cut(both);
  await filter.cut(back);
  const held = [await trips(), await cuts()];
  await filter.restore('cut-both');
  const one = [await trips(), await cuts()];
  await filter.restore('cut-back');
  const after = await trips();
  const making = filter.cut(both);
  await filter.restore('cut-both');
  await making;
  return { before, held, one, after, halfMade: await trips(), left: Object.keys(await cuts()) };
}

async function live(): Promise<void> {
  const nodes = layOut(spec, 'user-namespace');
  const paths = worldPaths(PRIVATE_ROOT);
  await buildWorld(spec, nodes, paths, new AbortController().signal);
  await nft(['-f', '-'], FOREIGN);
  const untouched = await foreign();
  const filter = packetFilter(nodes);
  const reached = async (...links: [string, string][]) =>
    Object.fromEntries(
      await Promise.all(
        links.map(async ([from, to]) => [`${from} > ${to}`, (await filter.roundTrip(from, to)) !== undefined]),
      ),
    );
  const links: [string, string][] = [
    ['taskmanager-1', 'broker-1'],
    ['broker-1', 'taskmanager-1'],
    ['taskmanager-2', 'broker-1'],
    ['taskmanager-1', 'jobmanager-1'],
  ];
  say('before', [await reached(...links), await filter.cuts()]);
  const one = { id: 'cut-1', between: ['taskmanager-1'], and: ['broker-1'] };
  const two = { id: 'cut-2', between: ['taskmanager-2'], and: ['broker-1', 'zookeeper-1'] };
  await filter.cut(one);
  await filter.cut(two);
  await filter.restore(two.id);
  await filter.cut(two);
  say('cut', [await reached(...links), await filter.cuts()]);
  await filter.cut(one);
  const again = await filter.cuts();
  say(
    'cut again',
    (again['cut-1'] ?? []).every(({ packets }) => packets > 0),
  );
  await filter.restore(one.id);
  await filter.restore(one.id);
  await filter.restore('cut-3');
  say('restored', [await reached(...links), Object.keys(await filter.cuts())]);
  const oneWay: unknown[] = [];
  for (const direction of ['forth', 'back'] as const) {
    const cut = { id: `cut-${direction}`, between: ['taskmanager-1'], and: ['jobmanager-1'], direction };
    await filter.cut(cut);
    const passes = (await filter.roundTrip('taskmanager-1', 'jobmanager-1')) !== undefined;
    const dropped = (await filter.cuts())[cut.id] ?? [];
    oneWay.push([passes, dropped.map(({ from, to, packets }) => [from, to, packets > 0])]);
    await filter.restore(cut.id);
  }
  say('one way', [oneWay, (await filter.roundTrip('taskmanager-1', 'jobmanager-1')) !== undefined]);
  const parts: number[] = [];
  for (const only of [{ percent: 30 }, { over: 20_000 }]) {
    const cut = {
      id: 'cut-part',
      between: ['taskmanager-1'],
      and: ['jobmanager-1'],
      direction: 'forth',
      only,
    } as const;
    await filter.cut(cut);
    await sendDatagrams(nodes.find(({ name }) => name === 'jobmanager-1')?.host ?? '');
    parts.push((await filter.cuts())[cut.id]?.[0]?.packets ?? -1);
    await filter.restore(cut.id);
  }
  say('a part', parts);
  say('late', await late(filter));
  const host = nodes.find(({ name }) => name === 'jobmanager-1')?.host ?? '';
  const { server, client } = talk('taskmanager-1', 'jobmanager-1', host);
  await once(server.stderr);
  const asking = client();
  await once(asking.stderr);
  const sockets = (peers: string[]) => filter.connections('taskmanager-1', peers);
  const [mine, others] = [await sockets(['broker-1', 'jobmanager-1']), await sockets(['broker-1'])];
  await filter.reset('taskmanager-1', ['broker-1']);
  const spared = await sockets(['jobmanager-1']);
  await filter.reset('taskmanager-1', ['broker-1', 'jobmanager-1']);
  const ends = await Promise.all([asking, server]);
  say('reset', {
    connections: [mine.map((it) => it.split(' ')[1] === `${host}:7000`), others.length, spared.length],
    ends: ends.map(({ stdout }) => stdout.split('\n')[0]),
    after: (await sockets(['jobmanager-1'])).length,
    reaches: (await filter.roundTrip('taskmanager-1', 'jobmanager-1')) !== undefined,
  });
  const disks = localDisks((disk) => (disk === 'taskmanager-1' ? paths.data(disk) : undefined));
  const foreignFile = `${paths.data('taskmanager-1')}/somebody-elses`;
  writeFileSync(foreignFile, Buffer.alloc(300_000));
  const first = await disks.fill('taskmanager-1', 'a');
  rmSync(foreignFile);
  const freed = await disks.filling('taskmanager-1', 'a');
  const second = await disks.fill('taskmanager-1', 'a');
  const other = await disks.fill('taskmanager-1', 'b');
  await disks.empty('taskmanager-1', 'b');
  const stays = await disks.filling('taskmanager-1', 'a');
  await disks.empty('taskmanager-1', 'a');
  await disks.empty('taskmanager-1', 'a');
  const nobody = await disks.fill('jobmanager-1', 'a').catch(({ code }: { code: string }) => code);
  const order = await disks.fill('taskmanager-1', '../a').catch(({ code }: { code: string }) => code);
  say('filled', { first, freed, second, other, stays, gone: (await disks.filling('taskmanager-1', 'a')) ?? null });
  say('not filled', [nobody, order, readdirSync(paths.data('taskmanager-1'))]);
  const node = 'taskmanager-1';
  mkdirSync(`${paths.data(node)}/ha/flinch`, { recursive: true });
  for (const name of ['completedCheckpoint1', 'other']) writeFileSync(`${paths.data(node)}/ha/flinch/${name}`, 'whole');
  const found = await disks.find(node, ['completedCheckpoint']);
  const path = found[0]?.path ?? '';
  const sizes: unknown[] = [];
  for (const empty of [false, true]) {
    await disks.setAside(node, path, 'a', empty);
    await disks.setAside(node, path, 'a', empty);
    sizes.push((await disks.size(node, path)) ?? null);
    sizes.push(await disks.putBack(node, path, 'a'), await disks.size(node, path));
  }
  await disks.setAside(node, path, 'a', false);
  rmSync(`${paths.data(node)}/ha`, { recursive: true });
  sizes.push(await disks.putBack(node, path, 'a'), (await disks.putBack(node, path, 'a')) ?? null);
  // What has gone since it was found leaves nothing of ours behind.
  await disks.setAside(node, 'ha/gone', 'a', false).catch(() => {});
  await disks.putBack(node, 'ha/gone', 'a');
  const outside = await disks.setAside(node, '../x', 'a', false).catch(({ code }: { code: string }) => code);
  say('aside', { found, sizes, outside, left: readdirSync(paths.data(node)) });
  const open = openSync(`${paths.data(node)}/open`, 'w');
  await disks.makeReadOnly(node);
  await disks.makeReadOnly(node);
  const refused = await disks.refusal(node);
  // What a node has open already is its own.
  const written = writeSync(open, 'more');
  closeSync(open);
  await disks.makeWritable(node);
  await disks.makeWritable(node);
  const writable = (await disks.refusal(node)) ?? null;
  say('read-only', { refused, written, writable, files: readdirSync(paths.data(node)) });
  rmSync(`${paths.data(node)}/open`);
  // The end of the world must not stumble over one that is left.
  await disks.makeReadOnly(node);
  const refusals: unknown[] = [];
  for (const cut of [
    { ...one, id: 'a; delete table bridge other' },
    { ...one, and: ['nobody'] },
  ]) {
    await filter.cut(cut).catch((error: { code: string }) => refusals.push(error.code));
  }
  say('refused', refusals);
  say('foreign', [untouched === (await foreign()), await tables()]);
  // The next cluster in these namespaces has the same addresses.
  await removeWorld(nodes, paths);
  say('removed', [untouched === (await foreign()), await tables()]);
  await buildWorld(spec, nodes, paths, new AbortController().signal);
  say('next', await reached(...links));
}

watchLifeline();
if (insideNamespace()) {
  await live();
  process.exit(0);
} else {
  const { isolation } = await decideIsolation();
  process.exitCode = isolation === 'none' ? 99 : await reexecInside(isolation);
}
