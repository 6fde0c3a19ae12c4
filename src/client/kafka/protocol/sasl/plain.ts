import type { PasswordSasl } from '../security.js';
import type { SaslDialogue } from './dialogue.js';

/** RFC 4616. The password itself goes over the wire: sensible over TLS only. @throws FlinchError KAFKA_AUTH */
export async function plain({ username, password }: PasswordSasl, dialogue: SaslDialogue): Promise<void> {
  if (username.includes('\0') || password.includes('\0')) {
    throw dialogue.refusal('a NUL character cannot be sent', 'use another user name or password');
  }
  await dialogue.say(Buffer.from(`\0${username}\0${password}`));
}
