import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../wasm', import.meta.url));
const OPTIONS = ['-O3', '--runtime', 'stub', '--noAssert', '--use', 'abort=', '--enable', 'simd'];
export const KERNEL_FILE = new URL('../src/workload/record/lane-kernel-code.ts', import.meta.url);

/** Tells whether the compiled module is that of the source as it is, without compiling it. */
export function kernelDigest(): string {
  const hash = createHash('sha256').update(readFileSync(join(SOURCES, 'lane-batch.ts')));
  return hash.update(OPTIONS.join(' ')).digest('hex');
}

/** The text of the file that holds the compiled wasm/lane-batch.ts. @throws Error with the compiler's messages */
export async function kernelModule(): Promise<string> {
  // Costs a second to load.
  const { default: asc } = await import('assemblyscript/asc');
  let compiled: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [...['lane-batch.ts', '--baseDir', SOURCES, '--outFile', 'lane-batch.wasm'], ...OPTIONS],
    {
      writeFile: (_name, contents) => {
        compiled = contents as Uint8Array;
      },
    },
  );
  if (error || !compiled) throw new Error(`wasm/lane-batch.ts does not compile: ${error?.message}\n${stderr}`);
  const lines =
    Buffer.from(compiled)
      .toString('base64')
      .match(/.{1,112}/g) ?? [];
  return [
    '/** Compiled from wasm/lane-batch.ts by `npm run kernel`; not to be edited. */',
    `// Source and options, SHA-256: ${kernelDigest()}`,
    'export const LANE_KERNEL: string = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
}
