/**
 * Reads a batch of lane records, in AssemblyScript: see src/workload/record/lane-kernel.ts for who calls it, and
 * `npm run kernel` for how it becomes part of the package. It keeps nothing from one batch to the next; all loads may
 * reach 8 bytes behind the batch, where the caller keeps room.
 */

/** '0' eight times. */
const ZEROS: u64 = 0x3030303030303030;
/** {"lane": and so on, as little-endian words; the shorter ones are compared under a mask. */
const LANE: u64 = 0x3a22656e616c227b;
const SEQ: u64 = 0x3a22716573222c;
const TS: u64 = 0x3a227374222c;
const CHK: u64 = 0x3a226b6863222c;
const PAD: u64 = 0x223a22646170222c;
const PAD_END: u32 = 0x7d22;
const BYTES_6: u64 = 0x0000ffffffffffff;
const BYTES_7: u64 = 0x00ffffffffffffff;
/** The filling: 0123456789abcdef over and over. */
const FILLING_0: u64 = 0x3736353433323130;
const FILLING_8: u64 = 0x6665646362613938;
const LONGEST_FILLING: u32 = 65536;
/** {"lane":0,"seq":0,"ts":0,"chk":0} */
const SHORTEST: u32 = 33;

/** Bytes of one entry: lane, sequence, time, offset delta, timestamp delta, first byte of the value and the one after. */
const ENTRY: u32 = 32;

/** Lanes above this have no summary. */
const LANES: u32 = 1024;
/** By lane, where its run is; 0 for none. */
const RUN_OF_LANE: u32 = 64;
/** Where the runs are; a batch must lie behind all of them. */
const RUNS: u32 = RUN_OF_LANE + 4 * LANES;
/** Bytes of a run: lane, first sequence, last sequence, nothing, latest time. */
const RUN: u32 = 32;

/**
 * Writes an entry to `out` for each of `count` records that lie in [at, end). A lane of -1 stands for a value that is
 * not exactly as the producer writes it; a null value has -1 for its place as well. -1 where the batch as such is
 * damaged or unusual, whatever was written until then. Otherwise how many runs make up the batch, one of consecutive
 * sequences for each of its lanes; 0 where it is not that simple.
 */
export function readBatch(at: u32, end: u32, count: u32, lastDelta: i32, out: u32): i32 {
  const base = at;
  let runs = RUNS;
  let simple = true;
  memory.fill(RUN_OF_LANE, 0, 4 * LANES);
  for (let i: u32 = 0; i < count; i++) {
    if (at >= end) return -1;
    let word = load<u32>(at);
    let bytes = varintBytes(word);
    if (bytes > 4) return -1;
    const length = varint(word, bytes);
    at += bytes;
    // A length may be close to 2^27, and `at` to 2^25: no sum overflows.
    const next = at + length;
    if (length < 1 || next > end) return -1;
    at += 1; // attributes, unused
    word = load<u32>(at);
    bytes = varintBytes(word);
    if (bytes > 4) return -1;
    store<i32>(out + 20, varint(word, bytes));
    at += bytes;
    word = load<u32>(at);
    bytes = varintBytes(word);
    if (bytes > 4) return -1;
    const delta = varint(word, bytes);
    if (delta < 0 || delta > lastDelta) return -1;
    store<i32>(out + 16, delta);
    at += bytes;
    // Behind each of these the record may have ended too early: before each load, `at` must be near.
    if (at >= next) return -1;
    word = load<u32>(at);
    bytes = varintBytes(word);
    if (bytes > 4) return -1;
    const keyLength = varint(word, bytes);
    at += bytes;
    if (keyLength > 0) at += keyLength;
    if (at >= next) return -1;
    word = load<u32>(at);
    bytes = varintBytes(word);
    if (bytes > 4) return -1;
    const valueLength = varint(word, bytes);
    at += bytes;
    if (valueLength < 0) {
      simple = false;
      store<i32>(out, -1);
      store<i32>(out + 24, -1);
      store<i32>(out + 28, -1);
    } else {
      const valueEnd = at + valueLength;
      // The number of headers takes at least a byte.
      if (valueEnd >= next) return -1;
      if (!readValue(at, valueEnd, out)) {
        store<i32>(out, -1);
        simple = false;
      } else if (simple) {
        const lane = load<u32>(out);
        const sequence = load<i32>(out + 4);
        const time = load<f64>(out + 8);
        const known: u32 = lane < LANES ? load<u32>(RUN_OF_LANE + 4 * lane) : 0;
        if (known != 0) {
          if (sequence != load<i32>(known + 8) + 1) simple = false;
          store<i32>(known + 8, sequence);
          if (time > load<f64>(known + 16)) store<f64>(known + 16, time);
        } else if (lane < LANES) {
          store<u32>(RUN_OF_LANE + 4 * lane, runs);
          store<u32>(runs, lane);
          store<i32>(runs + 4, sequence);
          store<i32>(runs + 8, sequence);
          store<f64>(runs + 16, time);
          runs += RUN;
        } else simple = false;
      }
      store<i32>(out + 24, at - base);
      store<i32>(out + 28, valueEnd - base);
      at = valueEnd;
    }
    if (at >= next) return -1;
    at = next;
    out += ENTRY;
  }
  if (at != end) return -1;
  return simple ? (runs - RUNS) / RUN : 0;
}

/** How many bytes the varint at the start of `word` has; more than 4 when it does not end within the word. */
// @ts-ignore: decorator
@inline
function varintBytes(word: u32): u32 {
  // Of 0, ctz is 32.
  return (ctz<u32>(~word & 0x80808080) >> 3) + 1;
}

/** The zig-zag number in the first `bytes` bytes, 1 to 4. */
// @ts-ignore: decorator
@inline
function varint(word: u32, bytes: u32): i32 {
  const whole = (word & 0x7f) | ((word >> 1) & 0x3f80) | ((word >> 2) & 0x1fc000) | ((word >> 3) & 0xfe00000);
  const raw = whole & ((1 << (7 * bytes)) - 1);
  return (raw >> 1) ^ -(raw & 1);
}

/** The bytes at the start of `digits` (characters xor '0') that are digits. */
// @ts-ignore: decorator
@inline
function digitsIn(digits: u64): u32 {
  // A byte above 9 reaches its upper bit; what it carries spoils only the bytes behind it. Of 0, ctz is 64.
  return <u32>(ctz<u64>(((digits + 0x7676767676767676) | digits) & 0x8080808080808080) >> 3);
}

/** The number that the first `count` bytes of `digits` make, 1 to 8. */
// @ts-ignore: decorator
@inline
function numberIn(digits: u64, count: u32): u64 {
  let value = digits << (64 - 8 * <u64>count);
  value = ((value * 2561) >> 8) & 0x00ff00ff00ff00ff;
  value = ((value * 6553601) >> 16) & 0x0000ffff0000ffff;
  return (value * 42949672960001) >> 32;
}

/** How many digits a whole number of 1 to 15 of them has at `at`, without leading zeros; 0 when there is none. */
// @ts-ignore: decorator
@inline
function digitsAt(at: u32): u32 {
  const first = load<u64>(at) ^ ZEROS;
  const count = digitsIn(first);
  if (count > 1 && (first & 0xff) == 0) return 0;
  if (count < 8) return count;
  const more = digitsIn(load<u64>(at + 8) ^ ZEROS);
  return more == 8 ? 0 : 8 + more;
}

// @ts-ignore: decorator
@inline
function numberAt(at: u32, count: u32): u64 {
  const first = load<u64>(at) ^ ZEROS;
  if (count <= 8) return numberIn(first, count);
  // The last eight digits by themselves: then the rest counts a fixed power of ten.
  return numberIn(first, count - 8) * 100000000 + numberIn(load<u64>(at + count - 8) ^ ZEROS, 8);
}

/** Whether [at, end) is exactly what the producer writes for the numbers in it; these go to `out`. */
function readValue(at: u32, end: u32, out: u32): bool {
  // Neither a digit nor part of any text below, the last byte stops each of them: nothing is read beyond it.
  if (end - at < SHORTEST || load<u8>(end - 1) != 0x7d || load<u64>(at) != LANE) return false;
  at += 8;
  let count = digitsAt(at);
  const lane = numberAt(at, count);
  at += count;
  if (count == 0 || lane > 0x7fffffff || (load<u64>(at) & BYTES_7) != SEQ) return false;
  at += 7;
  count = digitsAt(at);
  const sequence = numberAt(at, count);
  at += count;
  if (count == 0 || sequence > 0x7fffffff || (load<u64>(at) & BYTES_6) != TS) return false;
  at += 6;
  count = digitsAt(at);
  const time = numberAt(at, count);
  at += count;
  if (count == 0 || (load<u64>(at) & BYTES_7) != CHK) return false;
  at += 7;
  count = digitsAt(at);
  const check = numberAt(at, count);
  at += count;
  if (count == 0 || check != <u64>checkOf(<u32>lane, <u32>sequence, time)) return false;
  if (at + 1 != end) {
    if (end - at < 10 || load<u64>(at) != PAD || <u32>load<u16>(end - 2) != PAD_END) return false;
    if (!isFilling(at + 8, end - 2)) return false;
  }
  store<i32>(out, <i32>lane);
  store<i32>(out + 4, <i32>sequence);
  store<f64>(out + 8, <f64>time);
  return true;
}

function isFilling(at: u32, end: u32): bool {
  if (end - at > LONGEST_FILLING) return false;
  const filling = i64x2(FILLING_0, FILLING_8);
  // Differences are gathered: one branch for 64 bytes.
  for (; at + 64 <= end; at += 64) {
    const first = v128.or(v128.xor(v128.load(at), filling), v128.xor(v128.load(at, 16), filling));
    const second = v128.or(v128.xor(v128.load(at, 32), filling), v128.xor(v128.load(at, 48), filling));
    if (v128.any_true(v128.or(first, second))) return false;
  }
  for (; at + 16 <= end; at += 16) {
    if (v128.any_true(v128.xor(v128.load(at), filling))) return false;
  }
  let expected = FILLING_0;
  if (at + 8 <= end) {
    if (load<u64>(at) != FILLING_0) return false;
    expected = FILLING_8;
    at += 8;
  }
  return at == end || (load<u64>(at) ^ expected) << (64 - 8 * <u64>(end - at)) == 0;
}

/** As checkOf of lane-record.ts. */
// @ts-ignore: decorator
@inline
function checkOf(lane: u32, sequence: u32, time: u64): u32 {
  let hash: u32 = (lane ^ 0x9e3779b1) * 0x85ebca6b;
  hash = (hash ^ (hash >> 15) ^ sequence) * 0xc2b2ae35;
  hash = (hash ^ (hash >> 13) ^ <u32>time) * 0x27d4eb2f;
  hash = (hash ^ (hash >> 16) ^ <u32>(time >> 32)) * 0x165667b1;
  return hash ^ (hash >> 15);
}
