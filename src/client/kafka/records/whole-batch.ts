/** What a batch says of all its records. */
export interface BatchNumbers {
  /** Records that the batch claims to have. */
  count: number;
  baseOffset: number;
  lastOffset: number;
  /** Milliseconds since the epoch. */
  baseTimestamp: number;
  /** 0 where the records' own timestamps do not count. */
  timestampFactor: 0 | 1;
  producerId: number;
  producerEpoch: number;
}

/** The records of one batch, unpacked and with their checksum checked. Its bytes are only good until it was handed over. */
export interface WholeBatch extends BatchNumbers {
  body: Buffer;
  /** The records lie in bytes [start, end) of `body`. */
  start: number;
  end: number;
}
