import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const MAIN = new URL('../../../src/cli/main.ts', import.meta.url);
/** Packages that a command which does nothing must not wait for. */
const HEAVY = /^(axios|kafkajs|node-zookeeper-client|zod|yaml|mocha|log-update|execa|d3-|@kubernetes)/;
const STATIC = /^(?:import|export)\s+(?!type\b)(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;

/** Every module that is loaded with this one, by URL for ours and by name for others, and by whom. */
function loadedWith(start: URL, seen = new Map<string, string>()): Map<string, string> {
  const text = readFileSync(start, 'utf8');
  for (const [, name = ''] of text.matchAll(STATIC)) {
    const own = name.startsWith('.');
    const url = own ? new URL(name.replace(/\.js$/, '.ts'), start) : undefined;
    const key = url?.href ?? name;
    if (seen.has(key)) continue;
    seen.set(key, start.href);
    if (url) loadedWith(url, seen);
  }
  return seen;
}
const heavy = (start: URL) => [...loadedWith(start)].filter(([name]) => HEAVY.test(name));

describe('starting the command line', () => {
  for (const file of ['main', 'program']) {
    it(`loads nothing heavy with cli/${file}`, () => {
      const start = new URL(`./${file}.ts`, MAIN);
      assert.deepEqual(heavy(start), []);
      assert.ok(loadedWith(start).size > 0);
    });
  }

  it('would notice it', () => {
    const found = heavy(new URL('./run.ts', MAIN)).map(([name]) => name);
    assert.ok(found.includes('zod') && found.includes('yaml'), found.join());
  });
});
