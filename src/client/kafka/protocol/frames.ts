/** No honest answer is larger: fetches ask for far less, and one batch is bounded by the broker. */
const LARGEST_FRAME = 512 * 1024 * 1024;
/** Only the memory of larger frames is kept for further ones: fresh memory costs as much as what is done with it. */
const WORTH_KEEPING = 64 * 1024;
/** One is read while another comes in. */
const SPARES = 2;

/**
 * Cuts a byte stream into the protocol's frames (int32 length, then the frame). Each frame is a buffer of its own, so
 * that views into it stay good.
 */
export class FrameAssembler {
  readonly #onFrame: (frame: Buffer) => void;
  readonly #header = Buffer.alloc(4);
  #headerBytes = 0;
  #frame: Buffer | undefined;
  #filled = 0;
  readonly #spares: ArrayBuffer[] = [];

  constructor(onFrame: (frame: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  /** Takes the first `length` bytes of `chunk`, which may be reused afterwards. @throws RangeError on an absurd length. */
  push(chunk: Buffer, length: number): void {
    let at = 0;
    while (at < length) {
      if (this.#frame === undefined) {
        const taken = Math.min(4 - this.#headerBytes, length - at);
        chunk.copy(this.#header, this.#headerBytes, at, at + taken);
        this.#headerBytes += taken;
        at += taken;
        if (this.#headerBytes < 4) return;
        const size = this.#header.readInt32BE(0);
        if (size < 4 || size > LARGEST_FRAME) throw new RangeError(`an answer claims to be ${size} bytes long`);
        this.#headerBytes = 0;
        this.#frame = this.#room(size);
        this.#filled = 0;
      }
      const taken = Math.min(this.#frame.length - this.#filled, length - at);
      chunk.copy(this.#frame, this.#filled, at, at + taken);
      this.#filled += taken;
      at += taken;
      if (this.#filled < this.#frame.length) return;
      const frame = this.#frame;
      this.#frame = undefined;
      this.#onFrame(frame);
    }
  }

  /** Takes back the memory of a frame that nobody looks at any more. */
  reuse(memory: ArrayBuffer): void {
    if (memory.byteLength >= WORTH_KEEPING && this.#spares.length < SPARES) this.#spares.push(memory);
  }

  /** A spare of the right size, or fresh memory; one that is too small goes. */
  #room(size: number): Buffer {
    const spare = size < WORTH_KEEPING ? undefined : this.#spares.pop();
    // Not for an answer that is far smaller: it might be kept, and all of the memory with it.
    if (spare && spare.byteLength >= size && spare.byteLength <= 4 * size) return Buffer.from(spare, 0, size);
    return Buffer.allocUnsafeSlow(size);
  }
}
