import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FrameAssembler } from '../../../src/client/kafka/protocol/frames.js';
import { trials } from '../../support/effort.js';

/** Some are read into directly, some come along with what is before them. */
const size = fc.oneof(fc.integer({ min: 4, max: 40 }), fc.integer({ min: 60_000, max: 400_000 }));

/** Frames of these sizes, each with bytes of its own, one behind the other as they are sent. */
function sent(sizes: readonly number[]): Buffer {
  const frames = sizes.map((bytes, i) => {
    // No two places of it are alike for 251 bytes.
    const frame = Buffer.alloc(4 + bytes, Buffer.from(Array.from({ length: 251 }, (_, at) => (at + 7 * i) & 0xff)));
    frame.writeInt32BE(bytes);
    return frame;
  });
  return Buffer.concat(frames);
}

describe('frames', () => {
  it('are the same however the bytes come in, and wherever memory is used again', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 8 });
    const property = fc.property(
      fc.array(size, { minLength: 1, maxLength: 6 }),
      pieces,
      fc.boolean(),
      (sizes, cuts, again) => {
        const stream = sent(sizes);
        const seen: Buffer[] = [];
        const assembler = new FrameAssembler((frame) => {
          seen.push(Buffer.from(frame));
          if (again) assembler.reuse(frame.buffer as ArrayBuffer);
        });
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const room = assembler.room();
          const taken = Math.min(cuts[turn % cuts.length] as number, room.length, stream.length - at);
          stream.copy(room, 0, at, at + taken);
          assembler.filled(taken);
          at += taken;
        }
        const parts = sizes.map((bytes, i) => {
          const before = sizes.slice(0, i).reduce((n, it) => n + 4 + it, 4);
          return stream.subarray(before, before + bytes);
        });
        assert.equal(seen.length, parts.length);
        for (const [i, part] of parts.entries()) assert.ok(part.equals(seen[i] as Buffer), `frame ${i}`);
      },
    );
    fc.assert(property, { numRuns: trials(8) });
  });

  it('of absurd length are refused', () => {
    for (const length of [-1, 3, 0x7fffffff]) {
      const assembler = new FrameAssembler(() => {});
      assembler.room().writeInt32BE(length);
      assert.throws(() => assembler.filled(4), /claims to be/);
    }
  });
});
