import type { DiskControl } from '../../src/target/ports.js';

interface World {
  fillings: Map<string, number>;
  free: number;
  readOnly: Set<string>;
  files: Record<string, number>;
  aside: Map<string, number>;
  placeGone: boolean;
  log: string[];
  deaf: boolean;
  stuck: boolean;
  onFill(disk: string): void;
}

/** Disks without a mount behind them. */
export function handMadeDisks(world: World): DiskControl {
  return {
    async fill(disk, id) {
      const key = `${disk} ${id}`;
      const had = world.fillings.get(key) ?? 0;
      if (world.free > 0 && !world.deaf) world.log.push(`fill ${disk}`);
      if (!world.deaf) {
        world.fillings.set(key, had + world.free);
        world.free = 0;
        world.onFill(disk);
      }
      return { bytes: world.fillings.get(key) ?? 0, free: world.deaf ? 1_000_000 : world.free };
    },
    async filling(disk, id) {
      const bytes = world.fillings.get(`${disk} ${id}`);
      return bytes === undefined ? undefined : { bytes, free: world.free };
    },
    async empty(disk, id) {
      world.log.push(`empty ${disk}`);
      if (!world.stuck) world.fillings.delete(`${disk} ${id}`);
    },
    async makeReadOnly(disk) {
      world.log.push(`lock ${disk}`);
      if (!world.deaf) world.readOnly.add(disk);
    },
    async makeWritable(disk) {
      world.log.push(`unlock ${disk}`);
      if (!world.stuck) world.readOnly.delete(disk);
    },
    refusal: async (disk) => (world.readOnly.has(disk) ? 'EROFS' : undefined),
    find: async (_disk, names) =>
      Object.entries(world.files).flatMap(([path, bytes]) =>
        names.some((name) => path.includes(name)) ? [{ path, bytes }] : [],
      ),
    async setAside(_disk, path, _id, empty) {
      world.log.push(`aside ${path}`);
      if (world.deaf) return;
      world.aside.set(path, world.files[path] ?? 0);
      if (empty) world.files[path] = 0;
      else delete world.files[path];
    },
    async putBack(_disk, path) {
      world.log.push(`back ${path}`);
      const bytes = world.aside.get(path);
      if (bytes === undefined) return undefined;
      if (world.stuck) return 'back';
      world.aside.delete(path);
      if (!world.placeGone) world.files[path] = bytes;
      return world.placeGone ? 'dropped' : 'back';
    },
    size: async (_disk, path) => world.files[path],
  };
}
