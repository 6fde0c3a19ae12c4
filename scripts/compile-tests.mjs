// Compiles src/ and the tests into .compiled/: loading each through tsx costs more than running the unit tests, and in
// the tests on real clusters as much CPU as all TaskManagers.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transform } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, '.compiled');

async function compile(file) {
  const source = join(root, file);
  const text = await readFile(source, 'utf8');
  // What a module finds beside itself (documents, schemas, other sources) stays where it is, but for modules of its own.
  const placed = text.replace(
    /(?<!ownModule\([^,()]*, )import\.meta\.url/g,
    JSON.stringify(pathToFileURL(source).href),
  );
  const { code, map } = await transform(placed, {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    // Beside the module and not in it: Node would read the maps of all, and only a failure needs one.
    sourcemap: 'external',
    sourcesContent: false,
    sourcefile: source,
  });
  const target = join(out, file.replace(/\.ts$/, '.js'));
  // Only what changed: other tests may run from here.
  if ((await readFile(target, 'utf8').catch(() => '')) === code) return;
  await mkdir(dirname(target), { recursive: true });
  await Promise.all([writeFile(target, code), writeFile(`${target}.map`, map)]);
}

const sources = [];
for (const folder of ['src', 'test', 'scripts']) {
  const found = await readdir(join(root, folder), { recursive: true });
  sources.push(...found.filter((file) => file.endsWith('.ts')).map((file) => join(folder, file)));
}
await Promise.all(sources.map(compile));
const wanted = new Set(sources.map((file) => file.replace(/\.ts$/, '.js')));
for (const file of await readdir(out, { recursive: true })) {
  if (file.endsWith('.js') && !wanted.has(file))
    await Promise.all([file, `${file}.map`].map((it) => rm(join(out, it))));
}
