import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const MODULE = new URL('../../../src/cli/first-process.ts', import.meta.url).href;

/** How a process ends that is sent SIGTERM once it says that it waits. @param more what else it does */
async function ended(more = ''): Promise<[code: number | null, signal: string | null, said: string]> {
  const script = `import { endBySignals } from ${JSON.stringify(MODULE)};
    endBySignals(); ${more}
    setInterval(() => {}, 1000); console.log('waits');`;
  const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (said === '') child.kill('SIGTERM');
    said += chunk;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return [code, signal, said];
}

describe('the first process of a container', () => {
  it('ends by a signal that nothing listens to', async () => {
    assert.deepEqual(await ended(), [143, null, 'waits\n']);
  });

  it('leaves it to whoever listens', async () => {
    const heal =
      "process.on('SIGTERM', () => { console.log('heals'); process.exitCode = 7; setTimeout(process.exit, 50); });";
    assert.deepEqual(await ended(heal), [7, null, 'waits\nheals\n']);
  });
});
