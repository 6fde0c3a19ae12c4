import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { PasswordSasl } from '../security.js';
import type { SaslDialogue } from './dialogue.js';

const derive = promisify(pbkdf2);

/** RFC 7677, section 4; also Kafka's least. */
const FEWEST_ITERATIONS = 4096;
/** Kafka stores at most 16384. Hashing cannot be cancelled: a broker must not be able to keep us busy for long. */
const MOST_ITERATIONS = 1_000_000;
/** No channel binding, no authorization id. */
const GS2_HEADER = 'n,,';
const CHECK_BROKER = 'check that this is the broker it should be';

/**
 * RFC 5802 with SHA-256 (RFC 7677) or SHA-512. Proves the password without sending it, and that the broker knows it
 * too. User name and password go as UTF-8 without SASLprep, as Kafka stores them. @throws FlinchError KAFKA_AUTH
 */
export async function scram(
  { mechanism, username, password }: PasswordSasl,
  dialogue: SaslDialogue,
  nonce = randomBytes(24).toString('base64'),
): Promise<void> {
  const hash = mechanism === 'SCRAM-SHA-512' ? 'sha512' : 'sha256';
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  const name = username.replaceAll('=', '=3D').replaceAll(',', '=2C');

  const clientFirst = `n=${name},r=${nonce}`;
  const serverFirst = (await dialogue.say(Buffer.from(GS2_HEADER + clientFirst))).toString('utf8');
  const offer = attributes(serverFirst);
  if (offer.has('e')) throw dialogue.refused(offer.get('e') ?? '');
  const bad = (what: string) => dialogue.refusal(what, CHECK_BROKER);
  const [joint, salt, count] = [offer.get('r'), offer.get('s'), offer.get('i')];
  if (offer.has('m') || !joint || !salt || !/^\d{1,10}$/.test(count ?? '')) {
    throw bad('the first message of the broker is not one of SCRAM');
  }
  if (!joint.startsWith(nonce) || joint.length === nonce.length) {
    throw bad('the nonce of the broker does not extend ours: the answer may be an old one');
  }
  const iterations = Number(count);
  if (iterations < FEWEST_ITERATIONS || iterations > MOST_ITERATIONS) {
    const bounds = `${FEWEST_ITERATIONS} to ${MOST_ITERATIONS}`;
    throw bad(`the broker asks for ${iterations} iterations, which is not within ${bounds}`);
  }

  const clientFinal = `c=${Buffer.from(GS2_HEADER).toString('base64')},r=${joint}`;
  const exchanged = `${clientFirst},${serverFirst},${clientFinal}`;
  const length = hash === 'sha512' ? 64 : 32;
  const salted = await derive(password, Buffer.from(salt, 'base64'), iterations, length, hash);
  const clientKey = hmac(salted, 'Client Key');
  const signature = hmac(createHash(hash).update(clientKey).digest(), exchanged);
  const proof = clientKey.map((byte, i) => byte ^ (signature[i] ?? 0));
  const serverFinal = await dialogue.say(Buffer.from(`${clientFinal},p=${Buffer.from(proof).toString('base64')}`));

  const end = attributes(serverFinal.toString('utf8'));
  if (end.has('e')) throw dialogue.refused(end.get('e') ?? '');
  const theirs = Buffer.from(end.get('v') ?? '', 'base64');
  const expected = hmac(hmac(salted, 'Server Key'), exchanged);
  if (theirs.length !== expected.length || !timingSafeEqual(theirs, expected)) {
    throw bad('the broker could not prove that it knows the password: its signature is wrong');
  }
}

/** `k=value` pairs between commas; values hold neither a comma nor, but for base64's padding, an equals sign. */
function attributes(message: string): Map<string, string> {
  return new Map(message.split(',').map((pair) => [pair.slice(0, 1), pair[1] === '=' ? pair.slice(2) : '']));
}
