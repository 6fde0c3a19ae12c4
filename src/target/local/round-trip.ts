import { execa } from 'execa';
import type { ClusterNode } from '../ports.js';

/** Milliseconds for a packet and its answer, unless told. */
const ANSWER_TIME = 1_000;
/** Milliseconds for the process that asks to begin and to end. */
const ASK_TIME = 10_000;

/** A refusal comes from the other host too, so it takes no server to know that packets pass. */
const ASK = `
const [, host, port, within] = process.argv;
const began = performance.now();
const socket = require('node:net').connect({ host, port: Number(port) });
const end = (came) => { if (came) process.stdout.write(String(performance.now() - began)); socket.destroy(); };
socket.setTimeout(Number(within), () => end(false));
socket.on('connect', () => end(true));
socket.on('error', ({ code }) => end(code === 'ECONNREFUSED'));
`;

/** Milliseconds for a TCP connection from the network of one node to another. Undefined when it did not come about. */
export async function roundTrip(
  from: ClusterNode,
  to: ClusterNode,
  within: number = ANSWER_TIME,
): Promise<number | undefined> {
  const [port = 1] = Object.values(to.ports);
  const { stdout } = await execa(
    'nsenter',
    [`--net=/run/netns/${from.name}`, '--', process.execPath, '-e', ASK, to.host, String(port), String(within)],
    { reject: false, stdin: 'ignore', timeout: ASK_TIME + within },
  );
  return stdout === '' ? undefined : Number(stdout);
}
