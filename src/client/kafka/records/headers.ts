/** One header of a record; the last of several with the same name is the one that Kafka's `lastHeader` returns. */
export interface RecordHeader {
  name: string;
  value: Buffer | null;
}

/** Steps over the headers of one record after another without allocating. Damage ends the walk and is told. */
export class HeaderCursor {
  keyStart = 0;
  keyEnd = 0;
  /** -1 for a null value. */
  valueStart = -1;
  valueEnd = -1;
  /** The headers do not fit the place that the record has for them. */
  damaged = false;
  #buffer: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #left = 0;

  /** Goes before the first header; [start, end) is what the record has after its value. */
  begin(buffer: Uint8Array, start: number, end: number): this {
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
    this.damaged = false;
    this.#left = this.#varint();
    if (this.#left < 0) this.damaged = true;
    return this;
  }

  /** Goes to the next header; false at the end and on damage. */
  next(): boolean {
    if (this.damaged) return false;
    if (this.#left-- <= 0) {
      if (this.#at !== this.#end) this.damaged = true;
      return false;
    }
    const keyLength = this.#varint();
    this.keyStart = this.#at;
    this.keyEnd = this.#at + keyLength;
    if (keyLength < 0 || this.keyEnd > this.#end) this.damaged = true;
    this.#at = this.keyEnd;
    const valueLength = this.damaged ? -1 : this.#varint();
    this.valueStart = valueLength < 0 ? -1 : this.#at;
    this.valueEnd = valueLength < 0 ? -1 : this.#at + valueLength;
    if (valueLength > 0) this.#at = this.valueEnd;
    if (this.#at > this.#end) this.damaged = true;
    return !this.damaged;
  }

  /** A zig-zag varint of at most 32 bits. */
  #varint(): number {
    let raw = 0;
    for (let shift = 0; shift < 35 && this.#at < this.#end; shift += 7) {
      const byte = this.#buffer[this.#at++]!;
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
    }
    this.damaged = true;
    return -1;
  }
}
