import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const SOURCES = fileURLToPath(new URL('../wasm', import.meta.url));
export const KERNEL_FILE = new URL('../src/workload/record/lane-kernel-code.ts', import.meta.url);

/** The text of the file that holds the compiled wasm/lane-batch.ts. @throws Error with the compiler's messages */
export async function kernelModule(): Promise<string> {
  let compiled: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      ...['lane-batch.ts', '--baseDir', SOURCES, '--outFile', 'lane-batch.wasm'],
      ...['-O3', '--runtime', 'stub', '--noAssert', '--use', 'abort=', '--enable', 'simd'],
    ],
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
    'export const LANE_KERNEL: string = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
}
