import { isAuthError, type TokenSasl } from '../security.js';
import type { SaslDialogue } from './dialogue.js';

const SEPARATOR = '\u0001';
/** RFC 7628, section 3.1; `auth` is the token's own key. */
const EXTENSION_NAME = /^(?!auth$)[A-Za-z]+$/;
const EXTENSION_VALUE = /^[\x21-\x7e \t\r\n]+$/;
/** RFC 6750's b64token. */
const TOKEN = /^[-._~+/A-Za-z0-9]+=*$/;

/** RFC 7628: a token instead of a password. @throws FlinchError KAFKA_AUTH */
export async function oauthbearer({ token, extensions = {} }: TokenSasl, dialogue: SaslDialogue): Promise<void> {
  const supplied = await Promise.resolve()
    .then(token)
    .catch((error: unknown) => {
      // Neither its message nor itself as a cause: it may hold the credentials that the token was asked for with.
      const kind = error instanceof Error ? error.name : typeof error;
      throw dialogue.refusal(
        `the token could not be had: its function threw ${kind}`,
        'see where the token comes from',
      );
    });
  if (typeof supplied !== 'string' || !TOKEN.test(supplied)) {
    throw dialogue.refusal('what was supplied is not a bearer token', 'supply the token alone, without "Bearer"');
  }
  dialogue.hide(supplied);
  for (const [name, value] of Object.entries(extensions)) {
    if (EXTENSION_NAME.test(name) && EXTENSION_VALUE.test(value)) continue;
    throw dialogue.refusal(`the extension ${name} cannot be sent`, 'use letters as names and plain ASCII as values');
  }
  const pairs = [`auth=Bearer ${supplied}`, ...Object.entries(extensions).map(([name, value]) => `${name}=${value}`)];
  const first = `n,,${SEPARATOR}${pairs.join(SEPARATOR)}${SEPARATOR}${SEPARATOR}`;
  const challenge = await dialogue.say(Buffer.from(first));
  if (challenge.length === 0) return;
  // The broker says why it refuses and waits for this byte before it ends the dialogue.
  const reason = dialogue.refused(challenge.toString('utf8'));
  await dialogue.say(Buffer.from(SEPARATOR)).catch((error: unknown) => {
    if (!isAuthError(error)) reason.cause = error;
  });
  throw reason;
}
