/**
 * A small process in the place of a node's JVM, started with the same arguments: it serves just what readiness and healing
 * ask of its role. A TaskManager says to each JobManager ten times a second that it lives.
 */
import { createServer as createHttp, get } from 'node:http';
import { createServer } from 'node:net';
import { basename, dirname } from 'node:path';

const NAME = basename(dirname(process.cwd()));
const JOB_MANAGERS = ['jobmanager-1', 'jobmanager-2'];
/** Milliseconds without a beat after which a TaskManager is not listed. */
const GONE = 1_000;
const main = process.argv.join(' ');

function serve(port: number, answer: (url: string) => object): void {
  createHttp((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer(request.url ?? '')));
  }).listen(port);
}

function jobManager(): void {
  const beats = new Map<string, number>();
  serve(8081, (url) => {
    const [, id] = /^\/beat\/(.+)$/.exec(url) ?? [];
    if (id !== undefined) beats.set(id, Date.now());
    const alive = [...beats].filter(([, at]) => Date.now() - at < GONE);
    if (url === '/taskmanagers') {
      return { taskmanagers: alive.map(([tm, at]) => ({ id: tm, timeSinceLastHeartbeat: at })) };
    }
    if (url === '/jobs/overview') return { jobs: [] };
    const slots = alive.length;
    return { taskmanagers: alive.length, 'slots-total': slots, 'slots-available': slots, 'flink-version': '1.20.3' };
  });
}

function taskManager(): void {
  setInterval(() => {
    for (const host of JOB_MANAGERS) {
      const beat = get({ host, port: 8081, path: `/beat/${NAME}`, timeout: 300, agent: false }, (it) => it.resume());
      beat.on('timeout', () => beat.destroy()).on('error', () => {});
    }
  }, 100);
}

if (main.includes('QuorumPeerMain')) {
  createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (asked) => {
      if (asked.toString('latin1').startsWith('srvr')) socket.end('Zookeeper version: 3.9\nMode: standalone\n');
    });
  }).listen(2181);
} else if (main.includes('kafka.Kafka')) {
  createServer((socket) => socket.on('error', () => {})).listen(9092);
} else if (main.includes('Gateway')) {
  serve(8083, () => ({ productName: 'Apache Flink', version: '1.20.3' }));
} else if (main.includes('TaskManagerRunner')) taskManager();
else jobManager();
