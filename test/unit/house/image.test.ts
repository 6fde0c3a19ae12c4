import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { runnerManifest } from '../../../src/target/kubernetes/index.js';
import { lastStage } from '../../support/kubernetes/node/image-file.js';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('the build file of the image', () => {
  const stage = lastStage(read('scripts/image/Dockerfile'));

  it('fits what runs it in a cluster', () => {
    const runner = { name: 'a', namespace: 'a', cluster: 'a', image: 'a', args: [], scenarios: {} };
    const text = JSON.stringify(runnerManifest(runner));
    assert.deepEqual(stage.entrypoint, ['flinch']);
    assert.match(text, new RegExp(`"runAsUser":${stage.user.split(':')[0]},"runAsGroup":${stage.user.split(':')[1]},`));
    assert.match(text, new RegExp(`"name":"FLINCH_STATE","value":"${stage.env.FLINCH_STATE}"`));
    assert.match(text, new RegExp(`"mountPath":"${stage.folder}"`));
  });

  it('has what flinch needs, where its entrypoint is looked for', () => {
    const { bin } = JSON.parse(read('package.json')) as { bin: { flinch: string } };
    assert.deepEqual(
      stage.copied.map(([, to]) => to.replace('/flinch/', '')),
      ['package.json', 'node_modules', 'dist', 'bin', 'scenarios'],
    );
    assert.match(stage.env.PATH ?? '', /^\/flinch\/bin:/);
    assert.ok(read('scripts/image/Dockerfile').includes(`ln -s ../${bin.flinch} bin/flinch`));
  });

  it('is read as far as it is known, and no further', () => {
    assert.deepEqual(lastStage('FROM a AS b\nUSER 1\nFROM c\nCOPY --from=b /x \\\n /y\n').copied, [['/x', '/y']]);
    assert.throws(() => lastStage('FROM a\nADD x /y\n'), /not known of an image build file: ADD x/);
  });
});
