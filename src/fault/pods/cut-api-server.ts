import { API_SERVER, type NetworkCut } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import { cutId, networkOf } from '../network/cut.js';
import { type LinksUndo, linksFault } from '../network/links.js';
import type { CutApiServerOptions } from '../schema/pods.js';
import { resolveSelector } from '../selector.js';

const NAME = 'cutApiServer';

/** JobManagers lose the API server of Kubernetes, in which they are elected: it hangs, or it refuses them. */
export const cutApiServer: Fault<CutApiServerOptions, LinksUndo> = {
  ...linksFault<never>(NAME),
  requires: ['network', 'pods'],
  async resolve({ node, how, duration }: CutApiServerOptions, context: FaultContext) {
    networkOf(context.cluster);
    const { nodes, evidence } = await resolveSelector(node, context);
    const cut: NetworkCut = {
      id: cutId(),
      between: nodes,
      and: [API_SERVER],
      // What comes back was never sent.
      ...(how === 'refuses' && ({ direction: 'forth', only: { refused: true } } as const)),
    };
    return { nodes: nodes.map((name) => ({ node: name })), selector: node, evidence, undo: { cut, duration } };
  },
};
