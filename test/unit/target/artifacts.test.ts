import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { checkCache, flinkComponent, KAFKA, resolveJars } from '../../../src/target/local/artifacts.js';
import { arrivedJar, readFailure } from '../../../src/target/local/maven.js';
import { nearestRelease, releaseFor, releaseForLineOf } from '../../../src/target/local/versions.js';

/** A stand-in for mvn that records each call and fills its output directory, or fails as the real one does. */
const MVN = `#!/bin/sh
echo call >> "$CALLS"
for arg; do case $arg in -DoutputDirectory=*) out=\${arg#*=};; esac; done
if [ -n "$MISSING" ]; then
  echo "[ERROR] Failed to execute goal on project x: Could not resolve dependencies: Could not find artifact $MISSING in central (url) -> [Help 1]"
  exit 1
fi
for jar in a b; do
  echo "[INFO] Downloaded from central: https://host/maven2/x/$jar.jar (1 kB at 1 kB/s)"
  echo content > "$out/$jar.jar"
done
`;

describe('resolving jars', () => {
  let dir: string;
  const before = { PATH: process.env.PATH, CALLS: process.env.CALLS };
  const progress: string[] = [];
  const options = () => ({
    cache: join(dir, 'cache'),
    onProgress: (text: string) => void progress.push(text),
    signal: new AbortController().signal,
  });
  const calls = () => readFileSync(join(dir, 'calls'), 'utf8').trim().split('\n').length;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'flinch-test-'));
    writeFileSync(join(dir, 'mvn'), MVN);
    chmodSync(join(dir, 'mvn'), 0o755);
    process.env.PATH = `${dir}:${before.PATH}`;
    process.env.CALLS = join(dir, 'calls');
    progress.length = 0;
  });
  afterEach(() => {
    process.env.PATH = before.PATH;
    delete process.env.CALLS;
    delete process.env.MISSING;
    rmSync(dir, { recursive: true });
  });

  it('fetches once and then takes the cache, telling how far it is', async () => {
    const jars = await resolveJars(KAFKA, options());
    assert.deepEqual(
      jars.map((jar) => basename(jar)),
      ['a.jar', 'b.jar'],
    );
    assert.match(jars[0] ?? '', /\/jars\/kafka-[0-9a-f]{12}\/a\.jar$/);
    assert.match(progress.join('\n'), /resolving Kafka 3\.9\.1: 2 of about 57 jars/);
    assert.deepEqual(await resolveJars(KAFKA, options()), jars);
    assert.equal(calls(), 1);
  });

  it('notices a truncated, a missing and a foreign jar and fetches anew', async () => {
    const [first = '', second = ''] = await resolveJars(KAFKA, options());
    const damage = [() => truncateSync(first, 3), () => rmSync(second), () => writeFileSync(`${first}x.jar`, '')];
    for (const [i, harm] of damage.entries()) {
      harm();
      assert.equal((await resolveJars(KAFKA, options())).length, 2);
      assert.equal(calls(), i + 2);
      assert.equal(readFileSync(first, 'utf8'), 'content\n');
    }
  });

  it('lets two runs fetch at once and leaves nothing temporary', async () => {
    const [one, other] = await Promise.all([resolveJars(KAFKA, options()), resolveJars(KAFKA, options())]);
    assert.deepEqual(one, other);
    assert.equal(readdirSync(join(dir, 'cache', 'jars')).length, 1);
  });

  it('names the artifact that is missing and the nearest version that can be had', async () => {
    process.env.MISSING = 'org.apache.flink:flink-sql-gateway:jar:1.20.4';
    await assert.rejects(resolveJars(flinkComponent(releaseFor('1.20.4')), options()), {
      code: 'ARTIFACT_UNRESOLVED',
      message: /Flink 1\.20\.4 .*org\.apache\.flink:flink-sql-gateway:1\.20\.4.*nearest .*1\.20\.3: --flink 1\.20\.3/s,
    });
    assert.deepEqual(readdirSync(join(dir, 'cache', 'jars')), []);
  });

  it('asks for the version that was asked for', async () => {
    const [jar = ''] = await resolveJars(flinkComponent(releaseFor('2.2.1')), options());
    const pom = readFileSync(join(jar, '..', 'pom.xml'), 'utf8');
    assert.match(pom, /<flink\.version>2\.2\.1</);
    assert.match(pom, /<flink\.connector\.kafka\.version>5\.0\.0-2\.2</);
  });

  it('says when the cache cannot be used', async () => {
    writeFileSync(join(dir, 'cache'), 'not a directory');
    await assert.rejects(checkCache(join(dir, 'cache')), { code: 'CACHE_UNUSABLE' });
    await assert.rejects(resolveJars(KAFKA, options()), { code: 'CACHE_UNUSABLE' });
    await assert.rejects(checkCache(join(dir, 'a:b')), { code: 'CACHE_UNUSABLE' });
    assert.equal(existsSync(join(dir, 'a:b')), false);
  });

  it('knows the lines that have a pom and the nearest of each other version', () => {
    assert.equal(releaseFor('2.2').version, '2.2.0');
    assert.equal(releaseFor('1.20.3').version, '1.20.3');
    assert.equal(releaseForLineOf('2.2-SNAPSHOT').version, '2.2.0');
    assert.equal(releaseForLineOf('1.20.1').version, '1.20.3');
    assert.throws(() => releaseForLineOf('1.2-SNAPSHOT'), { code: 'ARTIFACT_UNRESOLVED' });
    assert.equal(nearestRelease('1.19.1').version, '1.20.3');
    assert.equal(nearestRelease('2.4.0').version, '2.3.0');
    assert.throws(() => releaseFor('1.2'), { code: 'ARTIFACT_UNRESOLVED', message: /1\.20\.3/ });
  });

  it('reads what Maven prints', () => {
    const transfer = '[ERROR] Could not transfer artifact a.b:c-d:pom:1.0 from/to central (x): Connection refused';
    assert.equal(readFailure(transfer).artifact, 'a.b:c-d:1.0');
    const found = readFailure(
      '[ERROR] Long talk: Could not find artifact a:b:jar:1 in central (u) -> [Help 1]\n[ERROR] -> x',
    );
    assert.deepEqual(found, { artifact: 'a:b:1', lines: ['Could not find artifact a:b:jar:1 in central (u)'] });
    assert.equal(
      readFailure('[ERROR] org.x:y:jar:2 was not found in https://m during a previous attempt').artifact,
      'org.x:y:2',
    );
    assert.deepEqual(readFailure('[INFO] fine\n[ERROR] Unknown lifecycle phase'), {
      lines: ['Unknown lifecycle phase'],
    });
    assert.equal(arrivedJar('[INFO] Downloaded from c: https://h/org/x/y/1/y-1.jar (5 kB at 1 MB/s)'), 'y-1.jar');
    assert.equal(arrivedJar('[INFO] Downloaded from c: https://h/org/x/y/1/y-1.pom (5 kB at 1 MB/s)'), undefined);
    assert.equal(
      arrivedJar('[INFO] Downloaded from c: https://h/org/apache/maven/core/1/core-1.jar (5 kB)'),
      undefined,
    );
  });
});
