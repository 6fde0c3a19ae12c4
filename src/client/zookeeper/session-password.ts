/** What ZooKeeper seeds with, beside the session's id, whatever the installation (`ZooKeeperServer.superSecret`, 3.4 to 3.9). */
const SECRET = 0xb3415c00n;
const BYTES = 16;

/**
 * The password with which ZooKeeper lets a client resume a session: `ZooKeeperServer.generatePasswd`, the first bytes of
 * a java.util.Random that is seeded with the session's id.
 * @param session in hex, e.g. `0x1000056f1230000`
 */
export function sessionPassword(session: string): Buffer {
  let seed = BigInt.asUintN(48, BigInt(session) ^ SECRET ^ 0x5deece66dn);
  const password = Buffer.alloc(BYTES);
  for (let at = 0; at < BYTES; at += 4) {
    seed = BigInt.asUintN(48, seed * 0x5deece66dn + 0xbn);
    // nextInt is the upper 32 bits; nextBytes takes its lowest byte first.
    password.writeInt32LE(Number(BigInt.asIntN(32, seed >> 16n)), at);
  }
  return password;
}
