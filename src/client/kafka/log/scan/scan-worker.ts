import { parentPort, workerData } from 'node:worker_threads';
import { prepareCodecs } from '../../records/codecs/codecs.js';
import { crcOf, openBatch, scanBatches } from '../../records/record-batch.js';
import type { Scanner, ScanRequest, ScanResult } from './scanner.js';
import { WordStore } from './word-store.js';

/** What is wrong with a batch is said where it is handed over, so the place does not matter here. */
const NOWHERE = { broker: '', topic: '', partition: 0 };

/** Bytes that are unpacked in one turn, about: what native codecs gave is only freed in a turn of its own. */
const TURN = 16 * 1024 * 1024;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const { scan } = (await import(workerData as string)) as { scan: Scanner };

async function scanPieces({ memory, spare, pieces }: ScanRequest): Promise<ScanResult> {
  const words = new WordStore(spare);
  const found: number[] = [];
  let unpacked = 0;
  for (const { at, length } of pieces) {
    const bytes = Buffer.from(memory, at, length);
    const headers = scanBatches(bytes, NOWHERE);
    await prepareCodecs(headers);
    for (const header of headers) {
      const from = words.length;
      try {
        const batch = header.control ? undefined : openBatch(bytes, header, NOWHERE);
        for (const piece of (batch && scan(batch)) ?? []) words.push(piece);
        if (batch && header.codec !== 0) unpacked += batch.body.length;
      } catch {
        // Found again, and reported, where it is handed over.
      }
      const length = words.length - from;
      found.push(crcOf(bytes, header), length > 0 ? from : -1, length);
      if (unpacked < TURN) continue;
      unpacked = 0;
      await turn();
    }
  }
  return { memory, words: words.take(), found: Float64Array.from(found) };
}

let last = Promise.resolve();
parentPort?.on('message', (request: ScanRequest) => {
  last = last.then(async () => {
    const result = await scanPieces(request);
    parentPort?.postMessage(result, [result.memory, result.words]);
    return turn();
  });
});
parentPort?.postMessage('ready');
