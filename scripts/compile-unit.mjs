// Compiles src/ and the tests into .unit/ for all runs of the unit tests: loading each through tsx costs more than
// running them.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transform } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, '.unit');

async function compile(file) {
  const source = join(root, file);
  const text = await readFile(source, 'utf8');
  const { code } = await transform(text, {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    sourcefile: source,
    // What a module finds beside itself (documents, schemas, other sources) stays where it is, but for threads' modules.
    define: text.includes('threadModule(') ? {} : { 'import.meta.url': JSON.stringify(pathToFileURL(source).href) },
  });
  const target = join(out, file.replace(/\.ts$/, '.js'));
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, code);
}

await rm(out, { recursive: true, force: true });
const sources = [];
for (const folder of ['src', 'test', 'scripts']) {
  const found = await readdir(join(root, folder), { recursive: true });
  sources.push(...found.filter((file) => file.endsWith('.ts')).map((file) => join(folder, file)));
}
await Promise.all(sources.map(compile));
