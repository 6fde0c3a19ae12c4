import type { Clock } from '../../../../core/clock.js';
import type { Api } from '../../apis/api.js';
import { saslAuthenticate } from '../../apis/sasl-authenticate.js';
import { saslHandshake } from '../../apis/sasl-handshake.js';
import { errorName, wireError } from '../error-codes.js';
import { authError, type KafkaSasl } from '../security.js';
import { SaslDialogue } from './dialogue.js';
import { authenticate } from './mechanisms.js';

/** Sends a request past the session, on the connection that it belongs to. */
export type RawCall = <Request, Response>(api: Api<Request, Response>, request: Request) => Promise<Response>;

export const UNSUPPORTED_SASL_MECHANISM = 33;
const ILLEGAL_SASL_STATE = 34;
/** A broker refuses to re-authenticate sooner (its SaslServerAuthenticator), in milliseconds, and some over. */
const BROKER_PAUSE = 1050;
/** Requests are held back from this part of the lifetime on: one that the broker reads too late ends the connection. */
const SAFE_PART = 0.8;

/** What a connection is to its broker: who it belongs to, and until when (KIP-368). */
export class SaslSession {
  readonly #sasl: KafkaSasl;
  readonly #address: string;
  readonly #clock: Clock;
  #renewAt = Number.POSITIVE_INFINITY;
  #notBefore = 0;

  constructor(sasl: KafkaSasl, address: string, clock: Clock) {
    this.#sasl = sasl;
    this.#address = address;
    this.#clock = clock;
  }

  /** Whether the next request must wait for a new authentication. */
  get due(): boolean {
    return this.#clock.mono() >= this.#renewAt;
  }

  /** Authenticates, for the first time or again. @throws FlinchError KAFKA_AUTH, KAFKA_WIRE */
  async authenticate(call: RawCall, signal?: AbortSignal): Promise<void> {
    const wait = this.#notBefore - this.#clock.mono();
    if (wait > 0) await this.#clock.sleep(wait, signal);
    const { mechanism } = this.#sasl;
    const { error, mechanisms } = await call(saslHandshake, { mechanism });
    if (error !== 0) throw this.#noHandshake(error, mechanisms);
    let asked = 0;
    let lifetime = 0;
    const dialogue = new SaslDialogue(this.#address, mechanism, async (bytes) => {
      asked = this.#clock.mono();
      const answer = await call(saslAuthenticate, { bytes });
      lifetime = answer.lifetimeMs;
      return answer;
    });
    await authenticate(this.#sasl, dialogue);
    // The broker's clock runs since some time between the question and its answer: take the early end, then the late.
    this.#renewAt = lifetime > 0 ? asked + lifetime * SAFE_PART : Number.POSITIVE_INFINITY;
    this.#notBefore = this.#clock.mono() + BROKER_PAUSE;
  }

  #noHandshake(error: number, mechanisms: readonly string[]) {
    const { mechanism } = this.#sasl;
    if (error === UNSUPPORTED_SASL_MECHANISM) {
      const offer = mechanisms.length > 0 ? mechanisms.join(', ') : 'no mechanism';
      return authError(
        `SASL ${mechanism} is not enabled, the broker offers ${offer}`,
        this.#address,
        'use one of those',
      );
    }
    if (error === ILLEGAL_SASL_STATE) {
      return authError('this port takes no SASL', this.#address, 'leave SASL out, or use the port of a SASL listener');
    }
    return wireError(`SaslHandshake answered ${errorName(error)}`, this.#address);
  }
}
