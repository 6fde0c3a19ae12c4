import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkNode, findJava, findMaven, javaMajor } from '../../../src/target/local/prerequisites.js';

const missing = (what: RegExp) => (error: unknown) => {
  const { code, message } = error as { code: string; message: string };
  assert.equal(code, 'PREREQUISITE_MISSING');
  assert.match(message, what);
  for (const manager of [/apt install /, /dnf install /, /brew install /]) assert.match(message, manager);
  return true;
};

describe('prerequisites', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'flinch-test-'));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const java = (version: string) => {
    mkdirSync(join(home, 'bin'));
    const path = join(home, 'bin', 'java');
    writeFileSync(path, `#!/bin/sh\necho 'openjdk version "${version}" 2025-01-01' >&2\n`);
    chmodSync(path, 0o755);
  };

  it('reads the major version of every way of writing it', () => {
    const versions = {
      'openjdk version "17.0.15" 2025': 17,
      'java version "1.8.0_402"': 8,
      'openjdk version "21" x': 21,
    };
    for (const [text, major] of Object.entries(versions)) assert.equal(javaMajor(text), major);
    assert.equal(javaMajor('command not found'), undefined);
  });

  it('honours JAVA_HOME', async () => {
    java('21.0.2');
    const found = await findJava({ JAVA_HOME: home, PATH: '/bin:/usr/bin' });
    assert.equal(found.path, join(home, 'bin', 'java'));
    assert.equal(found.major, 21);
  });

  it('says how to install Java when it is missing or too old', async () => {
    await assert.rejects(findJava({ PATH: home }), missing(/no java on the PATH/));
    await assert.rejects(findJava({ PATH: home, JAVA_HOME: home }), missing(/JAVA_HOME is /));
    java('11.0.22');
    await assert.rejects(findJava({ JAVA_HOME: home, PATH: '/bin:/usr/bin' }), missing(/too old: .*11\.0\.22/));
  });

  it('says how to install Maven and Node', async () => {
    await assert.rejects(findMaven({ PATH: home }), missing(/no mvn on the PATH/));
    assert.throws(() => checkNode('20.18.3'), missing(/Node 20\.18\.3 is too old/));
    assert.throws(() => checkNode('18.20.0'), missing(/too old/));
    for (const version of ['20.19.0', '22.0.0', '24.1.0']) checkNode(version);
  });
});
