import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LONGEST_FILE, MAY_IMPORT, MOCHA_USERS, NETWORK_PACKAGES } from './rooms.js';

const ROOT = new URL('../../../', import.meta.url);

interface Source {
  /** Path below its root folder, e.g. `core/clock.ts`. */
  path: string;
  text: string;
}

function sourcesOf(folder: string): Source[] {
  const root = fileURLToPath(new URL(`${folder}/`, ROOT));
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[cm]?[jt]s$/.test(path))
    .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(`${root}${path}`, 'utf8') }));
}

const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s+(?:type\s+)?(?:[\w*${},\s]+?\s+from\s+)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]\s*\)|\brequire\(\s*['"]([^'"\n]+)['"]\s*\)/g;

/** Every module a file imports, re-exports, requires, or imports at run time. */
function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(IMPORT)].map((match) => (match[1] ?? match[2] ?? match[3]) as string);
}

const packageOf = (name: string): string =>
  name.startsWith('node:')
    ? name
    : name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/');

/** What is wrong with the imports of one file of src/. */
function violations({ path, text }: Source): string[] {
  const room = path.includes('/') ? (path.split('/')[0] as string) : path.replace(/\.ts$/, '');
  const allowed = MAY_IMPORT[room];
  if (!allowed) return [`src/${path}: there is no room ${room} in test/unit/house/rooms.ts`];
  return importsOf(text).flatMap((name) => {
    if (!name.startsWith('.')) return foreign(path, room, name);
    if (!name.endsWith('.js')) return [`src/${path} imports ${name}: relative imports end in .js`];
    const target = posix.join(posix.dirname(path), name).replace(/\.js$/, '');
    const inside = target.split('/')[0] === room || allowed.includes('*');
    const named = allowed.some((a) => target === a || target.startsWith(`${a}/`));
    return inside || named
      ? []
      : [`src/${path} imports ${target}: ${room} may import ${allowed.join(', ') || 'nothing'}`];
  });
}

function foreign(path: string, room: string, name: string): string[] {
  const pkg = packageOf(name.replace(/^net$/, 'node:net'));
  if (pkg === 'mocha' && !MOCHA_USERS.test(path)) return [`src/${path} imports mocha: only run/mocha/ and cli/ may`];
  if (!Object.hasOwn(NETWORK_PACKAGES, pkg) || room === 'client') return [];
  return NETWORK_PACKAGES[pkg]?.test(path) ? [] : [`src/${path} imports ${pkg}: only client/ may`];
}

describe('the rooms of the house', () => {
  const sources = sourcesOf('src');

  it('finds the source files', () => assert.ok(sources.some(({ path }) => path === 'core/error.ts')));

  it('imports only in the allowed directions', () => assert.deepEqual(sources.flatMap(violations), []));

  for (const [path, code, complaint] of [
    ['judge/a.ts', "import { x } from '../client/http.js';", 'judge may import core, journal'],
    ['core/a.ts', "export * from '../journal/events.js';", 'core may import nothing'],
    [
      'fault/a.ts',
      "import type {\n  A,\n  B,\n} from '../target/local/paths.js';",
      'fault may import core, target/ports, scenario/values',
    ],
    ['scenario/a.ts', "const x = await import('../fault/kill.js');", 'scenario may import'],
    ['observe/a.ts', "import axios, { type X } from 'axios';", 'imports axios: only client/ may'],
    ['target/docker/a.ts', "import net from 'node:net';", 'imports node:net: only client/ may'],
    ['run/a.ts', "import Mocha from 'mocha';", 'imports mocha'],
    ['core/a.ts', "import './clock.ts';", 'relative imports end in .js'],
    ['lounge/a.ts', '', 'there is no room lounge'],
  ] as const) {
    it(`would notice ${path}: ${complaint}`, () => {
      const found = violations({ path, text: code });
      assert.equal(found.length, 1);
      assert.ok(found[0]?.includes(complaint), found[0]);
    });
  }

  it('accepts what is allowed', () => {
    const text =
      "// import 'axios';\nimport net from 'node:net';\nimport { c } from '../../core/clock.js';\nimport './paths.js';";
    assert.deepEqual(violations({ path: 'target/local/a.ts', text }), []);
  });

  it('has named exports only', () => {
    const found = sources
      .filter(({ text }) => /^export\s+default\b|\bas\s+default\b/m.test(text))
      .map(({ path }) => path);
    assert.deepEqual(found, []);
  });

  it('has no folder for leftovers', () => {
    assert.deepEqual(
      sources.filter(({ path }) => /(^|\/)utils?\//.test(path)).map(({ path }) => path),
      [],
    );
  });

  it(`has no file above ${LONGEST_FILE} lines`, () => {
    const all = [...sources, ...sourcesOf('test'), ...sourcesOf('scripts')];
    const long = all.filter(({ text }) => text.split('\n').length - 1 > LONGEST_FILE);
    assert.deepEqual(
      long.map(({ path }) => path),
      [],
    );
  });
});
