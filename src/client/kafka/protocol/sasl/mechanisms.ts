import type { KafkaSasl } from '../security.js';
import type { SaslDialogue } from './dialogue.js';
import { oauthbearer } from './oauthbearer.js';
import { plain } from './plain.js';
import { scram } from './scram.js';

/** Authenticates by the mechanism that is asked for. @throws FlinchError KAFKA_AUTH, and what carrying the bytes throws. */
export async function authenticate(sasl: KafkaSasl, dialogue: SaslDialogue): Promise<void> {
  if (sasl.mechanism === 'OAUTHBEARER') return oauthbearer(sasl, dialogue);
  dialogue.hide(sasl.password);
  if (sasl.username === '') throw dialogue.refusal('the user name is empty', 'give a user name');
  if (sasl.mechanism === 'PLAIN') return plain(sasl, dialogue);
  if (sasl.mechanism === 'SCRAM-SHA-256' || sasl.mechanism === 'SCRAM-SHA-512') return scram(sasl, dialogue);
  throw dialogue.refusal('this mechanism is not known here', 'use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER');
}
