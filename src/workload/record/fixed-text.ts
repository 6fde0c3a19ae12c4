/** Text that must stand at a place, compared four bytes at a time. */
export class FixedText {
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;

  constructor(text: string) {
    this.#bytes = new TextEncoder().encode(text);
    const view = new DataView(this.#bytes.buffer);
    this.length = this.#bytes.length;
    this.#words = Int32Array.from({ length: this.length >>> 2 }, (_, i) => view.getInt32(4 * i, true));
  }

  /** Whether its first `length` bytes stand at `at`; the view must reach so far. */
  stands(view: DataView, at: number, length = this.length): boolean {
    const words = this.#words;
    const whole = length >>> 2;
    for (let i = 0; i < whole; i++) if (view.getInt32(at + 4 * i, true) !== words[i]) return false;
    const bytes = this.#bytes;
    for (let i = 4 * whole; i < length; i++) if (view.getUint8(at + i) !== bytes[i]) return false;
    return true;
  }
}
