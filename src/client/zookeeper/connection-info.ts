import { FlinchError } from '../../core/error.js';

export interface ConnectionInfo {
  /** e.g. `http://10.77.0.31:8081` */
  address: string;
  /** The leader session id, a UUID. */
  session: string;
}

/** Java's serialisation stream: magic and version. */
const STREAM = 0xaced0005;
const BLOCK = 0x77;
const LONG_BLOCK = 0x7a;

/**
 * What ObjectOutputStream writes between the address and the UUID's two longs: object and class tags, the class name,
 * its serialVersionUID, and the two fields, leastSigBits first (fields are sorted by name).
 */
const UUID_CLASS = Buffer.concat([
  Buffer.from('7372000e', 'hex'),
  Buffer.from('java.util.UUID'),
  Buffer.from('bc9903f7986d852f0200024a000c', 'hex'),
  Buffer.from('leastSigBits'),
  Buffer.from('4a000b', 'hex'),
  Buffer.from('mostSigBits'),
  Buffer.from('7870', 'hex'),
]);

/**
 * Decodes the znode `connection_info`: Flink writes `writeUTF(address)` and `writeObject(UUID)`. Every byte is checked,
 * because a wrong address would point a fault at the wrong node.
 * @returns undefined for an empty node: no leader is recorded.
 * @throws FlinchError ZOOKEEPER when the bytes are anything else.
 */
export function decodeConnectionInfo(bytes: Buffer): ConnectionInfo | undefined {
  if (bytes.length === 0) return undefined;
  const refuse = (why: string): never => {
    throw new FlinchError('ZOOKEEPER', {
      what: `the leader record cannot be decoded: ${why}`,
      on: `${bytes.length} bytes ${bytes.subarray(0, 24).toString('hex')}`,
      todo: 'check that the HA path is that of a Flink 1.17 to 2.3 cluster',
    });
  };
  if (bytes.length < 10 || bytes.readUInt32BE(0) !== STREAM) refuse('it is no Java object stream');
  const tag = bytes[4];
  if (tag !== BLOCK && tag !== LONG_BLOCK) refuse('it does not start with a data block');
  const start = tag === BLOCK ? 6 : 9;
  const block = tag === BLOCK ? bytes.readUInt8(5) : bytes.readUInt32BE(5);
  const end = start + block;
  if (block < 3 || bytes.length !== end + UUID_CLASS.length + 16) refuse('its length does not fit');
  if (bytes.readUInt16BE(start) !== block - 2) refuse('the address does not fill its block');
  const address = bytes.toString('latin1', start + 2, end);
  // Host names and URLs are ASCII; so is then Java's modified UTF-8.
  if (!/^[\x21-\x7e]+$/.test(address)) refuse('the address is not printable');
  if (!bytes.subarray(end, end + UUID_CLASS.length).equals(UUID_CLASS)) refuse('the session is not a UUID');
  const least = bytes.toString('hex', bytes.length - 16, bytes.length - 8);
  const uuid = `${bytes.toString('hex', bytes.length - 8)}${least}`;
  return { address, session: uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') };
}
