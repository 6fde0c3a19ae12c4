import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/** Below what the system deals out to outgoing connections: a node that is started again must find its port still free. */
function candidates(): { from: number; to: number } {
  let low = 32_768;
  try {
    low = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]) || low;
  } catch {}
  const to = Math.max(low, 12_000);
  return { from: Math.max(10_240, to - 12_000), to };
}

function bind(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve(server));
  });
}

/** Different ports of 127.0.0.1 that nobody listens on. All are held until the last one is found. */
export async function freePorts(count: number): Promise<number[]> {
  const { from, to } = candidates();
  const held = new Map<number, Server>();
  try {
    for (let attempt = 0; held.size < count && attempt < count * 50; attempt++) {
      const port = from + Math.floor(Math.random() * (to - from));
      if (held.has(port)) continue;
      const server = await bind(port);
      if (server) held.set(port, server);
    }
    return [...held.keys()];
  } finally {
    await Promise.all([...held.values()].map((server) => new Promise((resolve) => server.close(resolve))));
  }
}
