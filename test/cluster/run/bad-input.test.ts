import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Flinch, flinch, SCENARIOS } from '../../support/flinch.js';

const MAIN = `${SCENARIOS}kill-leader-jobmanager.yaml`;

describe('bad input to the command line', () => {
  let it_: Flinch;
  before(() => {
    it_ = flinch();
    const write = (name: string, text: string) => writeFileSync(join(it_.cwd, name), text);
    write('empty.yaml', '');
    write(
      'mistakes.yaml',
      'scenario: a\ncolour: red\nworkload: { rate: 1000 }\nfaults: [{ kill: { node: worker } }]\n',
    );
    write(
      'bomb.yaml',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'.replaceAll(/./g, (c, i: number) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(',')}]\n`)}`,
    );
    mkdirSync(join(it_.cwd, 'folder'));
    write('taken', '');
  });
  after(() => rmSync(it_.cwd, { recursive: true, force: true }));

  for (const [what, args, code, text] of [
    ['a file that is not there', ['run', 'nowhere.yaml'], 3, /SCENARIO_UNREADABLE/],
    ['an empty file', ['validate', 'empty.yaml'], 3, /^empty\.yaml:1:1 document: /m],
    ['a directory without scenarios', ['run', 'folder'], 3, /has no \*\.yaml/],
    ['an unknown key', ['validate', 'mistakes.yaml'], 3, /^mistakes\.yaml:2:1 colour: /m],
    [
      'a missing unit, in the same answer',
      ['validate', 'mistakes.yaml'],
      3,
      /^mistakes\.yaml:3:19 workload\.rate: .*1000\/s/m,
    ],
    [
      'a wrong role, in the same answer',
      ['validate', 'mistakes.yaml'],
      3,
      /^mistakes\.yaml:4:\d+ faults\[0\]\.kill\.node: /m,
    ],
    ['a YAML bomb', ['validate', 'bomb.yaml'], 3, /^bomb\.yaml/m],
    ['two scenarios with one name', ['run', MAIN, 'copy.yaml'], 3, /SCENARIO_DUPLICATE/],
    ['an unknown verb', ['fly'], 3, /unknown command/],
    ['no verb', [], 3, /Usage/],
    ['an unknown option', ['run', MAIN, '--loud'], 3, /unknown option/],
    [
      'a version without artifacts',
      ['run', MAIN, '--flink', '1.19'],
      3,
      /ARTIFACT_UNRESOLVED.*1\.19.*nearest version that can be had is 1\.20\.3/,
    ],
    [
      'a version of which an artifact is missing',
      ['run', MAIN, '--flink', '1.20.4'],
      3,
      /ARTIFACT_UNRESOLVED: .*1\.20\.4.*1\.20\.3/s,
    ],
    ['no distribution', ['run', MAIN, '--flink-home', 'folder'], 3, /folder is not a Flink distribution/],
    ['an unknown reporter', ['run', MAIN, '--reporter', 'loud'], 3, /loud is not a mocha reporter/],
    ['a reports folder that is a file', ['run', MAIN, '--reports', 'taken'], 2, /JOURNAL_WRITE/],
    ['a run that is none', ['report', 'folder'], 3, /RUN_UNREADABLE/],
    ['a port that is none', ['up', '--port', '0'], 3, /a port is 1 to 65535/],
    ['no cluster to heal', ['heal'], 3, /NO_CLUSTER/],
  ] as const) {
    it(`${what}: exit ${code}, in a sentence`, async () => {
      if (what === 'two scenarios with one name') {
        const { readFileSync } = await import('node:fs');
        writeFileSync(join(it_.cwd, 'copy.yaml'), readFileSync(MAIN));
      }
      const ended = await it_.run(...args);
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr + ended.stdout, text);
      assert.doesNotMatch(ended.stderr, /\n {4}at /, 'a stack trace is no answer');
    });
  }

  it('a jar cache that cannot be written', async () => {
    const { code, stderr } = await flinch({ FLINCH_CACHE: join(it_.cwd, 'taken') }).run('run', MAIN);
    assert.equal(code, 3);
    assert.match(stderr, /CACHE_UNUSABLE/);
  });

  it('Java that is missing: one sentence with the line for apt, dnf and brew', async () => {
    const { code, stderr } = await flinch({ PATH: it_.cwd, JAVA_HOME: '' }).run('run', MAIN);
    assert.equal(code, 3);
    assert.match(stderr, /PREREQUISITE_MISSING: .*Java 17.*apt.*dnf.*brew/);
  });

  it('a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const { code, stderr } = await it_.run('up', '--port', String(port));
    server.close();
    assert.equal(code, 3);
    assert.match(stderr, new RegExp(`PORT_IN_USE: port ${port} is taken`));
  });

  it('a disk that is full under the reports: no fault without a record, exit 2', async function () {
    const { spawnSync } = await import('node:child_process');
    // A small file system of our own needs a mount namespace; the runner makes its own inside of it.
    const full = join(it_.cwd, 'full');
    mkdirSync(full);
    const probe = spawnSync('unshare', ['-Urm', 'true']);
    if (probe.status !== 0) this.skip();
    const script = `mount -t tmpfs -o size=96k none ${full} && exec "$@"`;
    const ended = spawnSync(
      'unshare',
      [
        '-Urm',
        'sh',
        '-c',
        script,
        'sh',
        process.execPath,
        new URL('../../../dist/cli/main.js', import.meta.url).pathname,
        'run',
        MAIN,
        '--fresh',
        '--reports',
        full,
      ],
      { encoding: 'utf8', env: { ...process.env, CI: '1' } },
    );
    assert.equal(ended.status, 2, ended.stderr);
    assert.match(ended.stderr, /JOURNAL_WRITE: .*(ENOSPC|no space)/);
  });
});
