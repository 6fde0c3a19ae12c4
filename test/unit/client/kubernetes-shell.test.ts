import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Exec, V1Status } from '@kubernetes/client-node';
import { openShell } from '../../../src/client/kubernetes/shell.js';
import { hasCode } from '../../support/has-code.js';

/** Containers that are processes of this machine, and how often one was connected to. */
function server() {
  const state = {
    connections: 0,
    refuses: undefined as string | undefined,
    path: undefined as string | undefined,
    processes: [] as ChildProcess[],
  };
  const exec = async (
    _namespace: string,
    _pod: string,
    _container: string,
    [command = '', ...args]: string[],
    stdout: Writable,
    stderr: Writable,
    stdin: Readable,
    _tty: boolean,
    onStatus: (status: V1Status) => void,
  ) => {
    state.connections++;
    // As the library tells of an answer that is no connection.
    if (state.refuses !== undefined) throw { message: state.refuses };
    const child = spawn('/bin/bash', args, { env: { PATH: state.path ?? process.env.PATH } });
    assert.equal(command, 'bash');
    state.processes.push(child);
    child.stdout.on('data', (chunk) => stdout.write(chunk));
    child.stderr.on('data', (chunk) => stderr.write(chunk));
    // One that has ended takes nothing more.
    child.stdin.on('error', () => {});
    stdin.on('data', (chunk) => child.stdin.write(chunk));
    const socket = { onclose: () => {}, close: () => child.kill('SIGKILL') };
    child.on('exit', async (code) => {
      // What it has said last comes a moment later.
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (code !== null) onStatus({ status: 'Failure', message: `exit ${code}` });
      socket.onclose();
    });
    return socket;
  };
  return { state, shell: openShell({ exec } as unknown as Exec, 'flink', { pod: 'hand-1', container: 'hand' }) };
}

describe('a shell in a container', () => {
  const made: { close(): void }[] = [];
  const opened = () => {
    const one = server();
    made.push(one.shell);
    return one;
  };
  afterEach(() => {
    for (const one of made.splice(0)) one.close();
  });

  it('takes many commands at a time on one connection, and each has its own answer', async () => {
    const { state, shell } = opened();
    const numbers = Array.from({ length: 20 }, (_, i) => i);
    const done = await Promise.all(
      numbers.map((i) =>
        shell.run('sleep 0.0$((RANDOM % 5)); echo "out $1"; echo "err $2" >&2; exit $1', [`${i}`, 'ä \n b'], 20_000),
      ),
    );
    assert.deepEqual(
      done,
      numbers.map((i) => ({ code: i, stdout: `out ${i}\n`, stderr: 'err ä \n b\n' })),
    );
    assert.equal(state.connections, 1);
  });

  it('hands on every byte of what is long, empty, or looks like its own words', async () => {
    const { shell } = opened();
    const long = `${'0123456789 é\n'.repeat(8_000)}\n\n`;
    const { stdout } = await shell.run('printf %s "$1$2$3"', [long, '', '1 = 0\n* $HOME `id`'], 20_000);
    assert.equal(stdout, `${long}1 = 0\n* $HOME \`id\``);
    assert.deepEqual(await shell.run('', [], 20_000), { code: 0, stdout: '', stderr: '' });
    // What it runs reads nothing of what is sent to it.
    assert.equal((await shell.run('cat; exit 7', [], 20_000)).code, 7);
    assert.equal((await shell.run('exit 8', [], 20_000)).code, 8);
  });

  it('does not know of a command whose connection ends, and makes another one for the next', async () => {
    const { state, shell } = opened();
    const waits = shell.run('sleep 20', [], 20_000);
    await shell.run('true', [], 20_000);
    state.processes[0]?.kill('SIGKILL');
    await assert.rejects(waits, /the connection ended before the command/);
    assert.equal((await shell.run('exit 3', [], 20_000)).code, 3);
    assert.equal(state.connections, 2);
  });

  it('believes no answer of a container that lacks what it needs', async () => {
    const { state, shell } = opened();
    state.path = '/nowhere';
    await assert.rejects(shell.run('true', [], 20_000), /base64: .*(not found|No such file)/);
    state.path = undefined;
    assert.equal((await shell.run('exit 3', [], 20_000)).code, 3);
  });

  it('gives up on a command that does not end in time, and on its connection', async () => {
    const { state, shell } = opened();
    await assert.rejects(shell.run('sleep 20', [], 300), hasCode('DEADLINE', /a command in hand-1 took longer/));
    await shell.run('true', [], 20_000);
    assert.equal(state.connections, 2);
  });

  it('says what the server said where there is no connection, and tries again', async () => {
    const { state, shell } = opened();
    state.refuses = 'Unexpected server response: 404';
    await assert.rejects(shell.run('true', [], 20_000), (error: { code?: unknown }) => error.code === 404);
    state.refuses = undefined;
    assert.equal((await shell.run('true', [], 20_000)).code, 0);
  });
});
