import { connect, type Socket } from 'node:net';
import { type Clock, systemClock } from '../../../core/clock.js';
import { withDeadline } from '../../../core/deadline.js';
import { FlinchError, messageOf, toFlinchError } from '../../../core/error.js';
import type { Api } from '../apis/api.js';
import { apiVersions, type VersionRanges } from '../apis/api-versions.js';
import { wireError } from './error-codes.js';
import { FrameAssembler } from './frames.js';
import { SaslSession } from './sasl/session.js';
import type { KafkaSecurity, KafkaTls } from './security.js';
import { alertWatch, connectTls, plaintextExpected, tlsExpected, tlsRefusal } from './tls.js';
import { WireReader, WireWriter } from './wire.js';

interface Pending {
  resolve(frame: Buffer): void;
  reject(error: unknown): void;
}

interface Address {
  host: string;
  port: number;
}

interface ConnectionOptions {
  clientId: string;
  /** Milliseconds for opening, authentication included; a later authentication gets as many. */
  ms: number;
  signal?: AbortSignal | undefined;
  security?: KafkaSecurity | undefined;
  clock?: Clock;
}

/** Stands for the end of the TLS handshake among the pending answers. */
const HANDSHAKE = -1;

/**
 * One TCP connection to one broker. Several calls may be in flight; a call that fails by its deadline closes the
 * connection, since a late answer would come to nobody. Authenticates again before its session at the broker ends.
 */
export class BrokerConnection {
  readonly address: string;
  readonly #peer: Address;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  // An answer to a call that was cancelled meanwhile has nobody waiting; one never asked for is dropped the same.
  readonly #frames = new FrameAssembler((frame) => this.#settle(frame.readInt32BE(0), frame));
  readonly #session: SaslSession | undefined;
  #correlation = 0;
  #ranges: VersionRanges = new Map();
  #renewal: Promise<void> | undefined;
  #closed: FlinchError | undefined;

  private constructor({ host, port }: Address, options: ConnectionOptions) {
    this.address = `broker ${host}:${port}`;
    this.#peer = { host, port };
    this.#options = options;
    const { security: { tls, sasl } = {}, clock = systemClock } = options;
    this.#session = sasl && new SaslSession(sasl, this.address, clock);
    this.#socket = this.#openSocket(tls);
    this.#socket.on('error', (error) => {
      const refused = tls && tlsRefusal(error, this.#socket, this.#peer, tls);
      this.#fail(refused ?? this.#lost(messageOf(error), error));
    });
    this.#socket.on('close', () => this.#fail(this.#lost('the broker closed the connection')));
    this.#socket.on('end', () => this.#socket.destroy());
  }

  /**
   * Connects, with TLS and SASL where asked for, and asks for the broker's API versions. `ms` bounds it all.
   * @throws FlinchError KAFKA_WIRE; KAFKA_AUTH, which is final; the signal's reason.
   */
  static async open(address: Address, options: ConnectionOptions): Promise<BrokerConnection> {
    const connection = new BrokerConnection(address, options);
    const { security, ms, signal } = options;
    let stage = 'ApiVersions';
    const open = async (deadline: AbortSignal) => {
      if (security?.tls) {
        stage = 'the TLS handshake';
        await connection.#handshake(deadline);
        stage = 'ApiVersions';
      }
      const { error, ranges } = await connection.#send(apiVersions, 0, undefined, ms, deadline);
      if (ranges.size === 0) throw wireError(`ApiVersions answered error ${error} and no versions`, connection.address);
      connection.#ranges = ranges;
      stage = `SASL ${security?.sasl?.mechanism}`;
      await connection.#authenticate(deadline);
    };
    try {
      await withDeadline(`opening ${connection.address}`, ms, open, signal);
      return connection;
    } catch (error) {
      connection.close();
      if (signal?.aborted || !(error instanceof FlinchError && error.code === 'DEADLINE')) throw error;
      throw connection.#late(stage, ms, error);
    }
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** The newest version of an API that both sides know; undefined when there is none. */
  versionOf(api: Pick<Api<never, unknown>, 'key' | 'min' | 'max'>): number | undefined {
    const range = this.#ranges.get(api.key);
    const version = Math.min(api.max, range?.max ?? -1);
    return range && version >= Math.max(api.min, range.min) ? version : undefined;
  }

  /**
   * Calls an API in the newest version both sides know. Where the session must be renewed first, that comes on top of
   * `ms`. @throws FlinchError KAFKA_WIRE, KAFKA_AUTH; the signal's reason.
   */
  async call<Request, Response>(
    api: Api<Request, Response>,
    request: Request,
    { ms, signal }: { ms: number; signal?: AbortSignal | undefined },
  ): Promise<Response> {
    const version = this.versionOf(api);
    if (version === undefined) {
      const range = this.#ranges.get(api.key);
      const theirs = range ? `${range.min} to ${range.max}` : 'not at all';
      throw wireError(
        `the broker speaks ${api.name} ${theirs}, this reader ${api.min} to ${api.max}`,
        this.address,
        'use a broker of version 2.1 to 4.x',
      );
    }
    // Requests in flight are answered before the broker reads on, so none is lost; new ones wait.
    if (this.#session?.due)
      await withDeadline('the re-authentication', 2 * this.#options.ms, () => this.#renew(), signal);
    return this.#send(api, version, request, ms, signal);
  }

  /** Says that nobody looks any more at the answer that `part` is a view of: a later one may take its memory. */
  reuse(part: Buffer): void {
    if (part.buffer instanceof ArrayBuffer) this.#frames.reuse(part.buffer);
  }

  close(): void {
    this.#fail(wireError('the connection was closed', this.address));
  }

  async #send<Request, Response>(
    api: Api<Request, Response>,
    version: number,
    request: Request,
    ms: number,
    signal?: AbortSignal,
  ): Promise<Response> {
    if (this.#closed) throw this.#closed;
    const correlation = this.#correlation;
    this.#correlation = (correlation + 1) & 0x7fffffff;
    const writer = new WireWriter()
      .int32(0)
      .int16(api.key)
      .int16(version)
      .int32(correlation)
      .string(this.#options.clientId);
    const flexible = version >= (api.flexibleFrom ?? Number.POSITIVE_INFINITY);
    if (flexible) writer.tags(); // request header 2; its client id stays an old string
    api.encode(writer, version, request);
    const message = writer.done();
    message.writeInt32BE(message.length - 4, 0);
    const write = () => void this.#socket.write(message);
    const frame = await this.#expect(api.name, correlation, ms, write, signal);
    try {
      const reader = new WireReader(frame, 4);
      if (flexible) reader.tags(); // response header 1
      return api.decode(reader, version);
    } catch (error) {
      const garbled = wireError(
        `the answer to ${api.name} ${version} cannot be decoded`,
        this.address,
        undefined,
        error,
      );
      this.#fail(garbled);
      throw garbled;
    }
  }

  /** Waits for the answer of this number. Lateness closes the connection. */
  async #expect(what: string, id: number, ms: number, begin: () => void, signal?: AbortSignal): Promise<Buffer> {
    const answered = () =>
      new Promise<Buffer>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        begin();
      });
    try {
      return await withDeadline(`${what} on ${this.address}`, ms, answered, signal);
    } catch (error) {
      this.#pending.delete(id);
      const late = error instanceof FlinchError && error.code === 'DEADLINE';
      const reported = late ? this.#late(what, ms, error) : error;
      if (late) this.#fail(reported as FlinchError);
      throw reported;
    }
  }

  /** Waits for TLS; nothing may be written before, as the broker's certificate is not yet known to be good. */
  async #handshake(signal: AbortSignal): Promise<void> {
    const { clientId, ms } = this.#options;
    try {
      if (this.#closed) throw this.#closed;
      await this.#expect('the TLS handshake', HANDSHAKE, ms, () => {}, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof FlinchError && error.code === 'KAFKA_WIRE')) throw error;
      // A plaintext port hangs up on TLS without a word, as a dying broker does: only an answer in plaintext tells.
      const plaintext = await BrokerConnection.open(this.#peer, { clientId, ms, signal }).catch(() => undefined);
      plaintext?.close();
      throw plaintext ? plaintextExpected(this.#peer) : error;
    }
  }

  async #authenticate(signal?: AbortSignal): Promise<void> {
    const { ms } = this.#options;
    await this.#session?.authenticate((api, request) => {
      const version = this.versionOf(api);
      if (version !== undefined) return this.#send(api, version, request, ms, signal);
      return Promise.reject(wireError(`the broker does not speak ${api.name} ${api.min} or above`, this.address));
    }, signal);
  }

  /** One renewal for all calls that wait for it; it ends the connection when it fails. */
  #renew(): Promise<void> {
    const { ms } = this.#options;
    const what = 'the re-authentication';
    this.#renewal ??= withDeadline(what, ms, (deadline) => this.#authenticate(deadline))
      .catch((error: unknown) => {
        const late = error instanceof FlinchError && error.code === 'DEADLINE';
        const reported = late ? this.#late(what, ms, error) : toFlinchError(error);
        this.#fail(reported);
        throw reported;
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }

  #openSocket(tls: KafkaTls | true | undefined): Socket {
    const isAlert = alertWatch();
    const onread = {
      buffer: () => this.#frames.room(),
      callback: (bytes: number, buffer: Uint8Array) => {
        try {
          if (isAlert(buffer, bytes)) this.#fail(tlsExpected(this.#peer));
          else this.#frames.filled(bytes);
        } catch (error) {
          this.#fail(wireError(messageOf(error), this.address, 'check that this is the port of a Kafka broker'));
        }
        return true;
      },
    };
    if (!tls) return connect({ ...this.#peer, noDelay: true, onread });
    const socket = connectTls(this.#peer, tls, { onread });
    socket.once('secureConnect', () => this.#settle(HANDSHAKE, Buffer.alloc(0)));
    return socket;
  }

  #settle(id: number, frame: Buffer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.resolve(frame);
  }

  #late(what: string, ms: number, cause: unknown): FlinchError {
    return wireError(`${what} was not answered within ${ms} ms`, this.address, 'check that the broker runs', cause);
  }

  #lost(what: string, cause?: unknown): FlinchError {
    return wireError(what, this.address, 'check that the broker runs and can be reached', cause);
  }

  #fail(error: FlinchError): void {
    if (this.#closed) return;
    this.#closed = error;
    this.#socket.destroy();
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
