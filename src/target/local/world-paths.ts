import { join } from 'node:path';

/** Directories of one cluster. */
export interface WorldPaths {
  root: string;
  /** Checkpoints and the high-availability store's files; every node sees it. */
  shared: string;
  /** Flink insists on a plugins directory; this one stays empty. */
  plugins: string;
  conf(node: string): string;
  /** A node's own disk. */
  data(node: string): string;
}

/** Inside a namespace the world has its own /run, so that this path belongs to it alone. */
export const PRIVATE_ROOT = '/run/flinch';

export const worldPaths = (root: string): WorldPaths => ({
  root,
  shared: join(root, 'shared'),
  plugins: join(root, 'plugins'),
  conf: (node) => join(root, node, 'conf'),
  data: (node) => join(root, node, 'data'),
});
