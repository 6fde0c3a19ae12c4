import { startNode } from './node.js';

/** Starts a node, tells where it is, and holds it until something ends this process. */
const { dir, group, kubeconfig } = await startNode();
process.stdout.write(`${JSON.stringify({ dir, group, kubeconfig })}\n`);
setInterval(() => {}, 60_000);
