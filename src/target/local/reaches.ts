import { execa } from 'execa';
import type { ClusterNode } from '../ports.js';

/** Milliseconds for a packet and its answer. */
const ANSWER_TIME = 1_000;
/** Milliseconds for the process that asks. */
const ASK_TIME = 10_000;

/** A refusal comes from the other host too, so it takes no server to know that packets pass. */
const ASK = `
const socket = require('node:net').connect({ host: process.argv[1], port: Number(process.argv[2]) });
const end = (code) => { socket.destroy(); process.exit(code); };
socket.setTimeout(${ANSWER_TIME}, () => end(1));
socket.on('connect', () => end(0));
socket.on('error', ({ code }) => end(code === 'ECONNREFUSED' ? 0 : 1));
`;

/** Whether a TCP connection gets from the network of one node to another and back. */
export async function reaches(from: ClusterNode, to: ClusterNode): Promise<boolean> {
  const [port = 1] = Object.values(to.ports);
  const asked = await execa(
    'nsenter',
    [`--net=/run/netns/${from.name}`, '--', process.execPath, '-e', ASK, to.host, String(port)],
    { reject: false, stdin: 'ignore', timeout: ASK_TIME },
  );
  return asked.exitCode === 0;
}
