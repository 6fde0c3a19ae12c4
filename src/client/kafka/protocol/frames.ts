/** No honest answer is larger: fetches ask for far less, and one batch is bounded by the broker. */
const LARGEST_FRAME = 512 * 1024 * 1024;
/** Only the memory of larger frames is kept for further ones: fresh memory costs as much as what is done with it. */
const WORTH_KEEPING = 64 * 1024;
/** One is read while another comes in. */
const SPARES = 2;
/** Where less is missing, what follows comes along in one read. */
const WORTH_READING_INTO = 64 * 1024;
const CHUNK = 256 * 1024;

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
  readonly #chunk = Buffer.allocUnsafeSlow(CHUNK);
  /** What `room` gave, where it is part of the frame. */
  #within: Buffer | undefined;

  constructor(onFrame: (frame: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  /** Where to read what comes next: into the frame itself where much of it is missing, as each copy counts. */
  room(): Buffer {
    const frame = this.#frame;
    const inside = frame !== undefined && frame.length - this.#filled >= WORTH_READING_INTO;
    this.#within = inside ? frame.subarray(this.#filled) : undefined;
    return this.#within ?? this.#chunk;
  }

  /** Says that so many bytes were read into what `room` gave last. @throws RangeError on an absurd length. */
  filled(length: number): void {
    if (this.#within === undefined) {
      this.#cut(length);
      return;
    }
    this.#within = undefined;
    this.#filled += length;
    this.#emitWhole();
  }

  /** Takes the first `length` bytes of the chunk. */
  #cut(length: number): void {
    const chunk = this.#chunk;
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
        this.#frame = this.#memory(size);
        this.#filled = 0;
      }
      const taken = Math.min(this.#frame.length - this.#filled, length - at);
      chunk.copy(this.#frame, this.#filled, at, at + taken);
      this.#filled += taken;
      at += taken;
      this.#emitWhole();
    }
  }

  #emitWhole(): void {
    const frame = this.#frame;
    if (frame === undefined || this.#filled < frame.length) return;
    this.#frame = undefined;
    this.#onFrame(frame);
  }

  /** Takes back the memory of a frame that nobody looks at any more. */
  reuse(memory: ArrayBuffer): void {
    if (memory.byteLength >= WORTH_KEEPING && this.#spares.length < SPARES) this.#spares.push(memory);
  }

  /** A spare of the right size, or fresh memory; one that is too small goes. */
  #memory(size: number): Buffer {
    const spare = size < WORTH_KEEPING ? undefined : this.#spares.pop();
    // Not for an answer that is far smaller: it might be kept, and all of the memory with it.
    if (spare && spare.byteLength >= size && spare.byteLength <= 4 * size) return Buffer.from(spare, 0, size);
    return Buffer.allocUnsafeSlow(size);
  }
}
