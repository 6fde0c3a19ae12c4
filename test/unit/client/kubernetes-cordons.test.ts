import assert from 'node:assert/strict';
import type { CoreV1Api, V1Node } from '@kubernetes/client-node';
import type { CallOptions, Kubernetes } from '../../../src/client/kubernetes/connection.js';
import { openCordons } from '../../../src/client/kubernetes/cordons.js';
import { FlinchError } from '../../../src/core/error.js';

/** Machines that a test adds and takes away. */
function server() {
  const machines = new Map<string, V1Node>([
    ['one', { metadata: { name: 'one', annotations: { theirs: '1' } }, spec: {} }],
  ]);
  const core = {
    async readNode({ name }: { name: string }) {
      const found = machines.get(name);
      if (!found) throw new FlinchError('KUBERNETES', { what: 'it answered 404', cause: { code: 404 } });
      return found;
    },
    replaceNode: async ({ name, body }: { name: string; body: V1Node }) => void machines.set(name, body),
  } as unknown as CoreV1Api;
  const kubernetes = {
    call: (_: string, work: (api: CoreV1Api, options: CallOptions) => unknown) => work(core, {} as CallOptions),
  };
  return { machines, cordons: openCordons(kubernetes as unknown as Kubernetes) };
}

describe('cordons', () => {
  it('are lifted by whoever made them, and nothing else of the machine is changed', async () => {
    const { machines, cordons } = server();
    await cordons.cordon('one', 'us');
    assert.equal(await cordons.cordoned('one'), 'us');
    await cordons.uncordon('one', 'others');
    assert.equal(await cordons.cordoned('one'), 'us');
    await cordons.uncordon('one', 'us');
    assert.deepEqual(machines.get('one')?.metadata?.annotations, { theirs: '1' });
    assert.equal(await cordons.cordoned('one'), undefined);
  });

  it('are gone with a machine that was taken away while it was drained', async () => {
    const { machines, cordons } = server();
    await cordons.cordon('one', 'us');
    machines.delete('one');
    await cordons.uncordon('one', 'us');
    assert.equal(await cordons.cordoned('one'), undefined);
  });
});
