import type { HaStore, Leader, StoredZnode } from '../../src/target/ports.js';

/** What the store holds beside who leads and who contends. */
export const ZNODES: Readonly<Record<string, Omit<StoredZnode, 'path'>>> = {
  '/f/latch/1': { data: '', owner: '0x1', written: '0xa' },
  '/f/latch/2': { data: '', owner: '0x2', written: '0xb' },
  '/f/leader/rest': { data: 'cmVzdA==', owner: '0x1', written: '0xc' },
  '/f/checkpoints/4': { data: 'Zm91cg==', written: '0xd' },
  '/f/jobs/7f': { data: 'am9i', written: '0xe' },
};

interface World {
  znodes: Record<string, Omit<StoredZnode, 'path'>>;
  contenders: string[];
  leader: Leader | undefined;
  log: string[];
  deaf: boolean;
  stuck: boolean;
  placeGone: boolean;
  onExpire(session: string): void;
  onRemove(path: string): void;
}

/** A store without a server behind it. */
export function handMadeStore(world: World): HaStore {
  return {
    async expire(session) {
      world.log.push(`expire ${session}`);
      if (world.deaf) return;
      world.contenders = world.contenders.filter((contender) => contender !== session);
      if (world.leader?.owner === session) world.leader = undefined;
      world.onExpire(session);
    },
    find: async (kind) =>
      Object.entries(world.znodes).flatMap(([path, node]) => (path.includes(`/${kind}`) ? [{ path, ...node }] : [])),
    read: async (path) => (world.znodes[path] ? { path, ...world.znodes[path] } : undefined),
    async write(path, data) {
      world.log.push(`write ${path}`);
      if (world.deaf || (world.placeGone && !world.znodes[path])) return;
      world.znodes[path] = { ...world.znodes[path], data, written: `${world.log.length}` };
    },
    async remove(path) {
      world.log.push(`remove ${path}`);
      if (!world.deaf && !world.stuck) delete world.znodes[path];
      if (!world.deaf) world.onRemove(path);
    },
  };
}
