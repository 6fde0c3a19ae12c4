import type { FlinchError } from '../../../../core/error.js';
import { errorName, wireError } from '../error-codes.js';
import { authError, quote } from '../security.js';

export interface SaslAnswer {
  error: number;
  message: string | null;
  bytes: Buffer;
}

const REFUSALS = new Map([
  [33, 'UNSUPPORTED_SASL_MECHANISM'],
  [34, 'ILLEGAL_SASL_STATE'],
  [58, 'SASL_AUTHENTICATION_FAILED'],
]);

/** One authentication with one broker, whoever carries the bytes. Knows what must not be shown. */
export class SaslDialogue {
  readonly #address: string;
  readonly #mechanism: string;
  readonly #transmit: (message: Buffer) => Promise<SaslAnswer>;
  readonly #secrets = new Set<string>();

  constructor(address: string, mechanism: string, transmit: (message: Buffer) => Promise<SaslAnswer>) {
    this.#address = address;
    this.#mechanism = mechanism;
    this.#transmit = transmit;
  }

  /** No error of this dialogue will contain it. */
  hide(secret: string): void {
    this.#secrets.add(secret);
  }

  /** Says something and gives the broker's answer. @throws FlinchError KAFKA_AUTH when the broker refuses. */
  async say(message: Buffer): Promise<Buffer> {
    const { error, message: said, bytes } = await this.#transmit(message);
    if (error === 0) return bytes;
    const words = said || (REFUSALS.get(error) ?? errorName(error));
    if (REFUSALS.has(error)) throw this.refused(words);
    throw wireError(`SASL ${this.#mechanism}: ${quote(words, this.#secrets)}`, this.#address);
  }

  /** The broker's refusal, in its own words. */
  refused(words: string): FlinchError {
    return this.refusal(`the broker refused: ${quote(words, this.#secrets)}`, 'check the user and the credentials');
  }

  /** Our own refusal; `what` holds nothing that the broker said, and no secret. */
  refusal(what: string, todo: string): FlinchError {
    return authError(`SASL ${this.#mechanism}: ${what}`, this.#address, todo);
  }
}
