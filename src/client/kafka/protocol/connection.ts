import { connect, type Socket } from 'node:net';
import { withDeadline } from '../../../core/deadline.js';
import { FlinchError, messageOf } from '../../../core/error.js';
import type { Api } from '../apis/api.js';
import { apiVersions, type VersionRanges } from '../apis/api-versions.js';
import { wireError } from './error-codes.js';
import { FrameAssembler } from './frames.js';
import { WireReader, WireWriter } from './wire.js';

interface Pending {
  resolve(frame: Buffer): void;
  reject(error: unknown): void;
}

const SOCKET_BUFFER = 256 * 1024;

/**
 * One TCP connection to one broker. Several calls may be in flight; a call that fails by its deadline closes the
 * connection, since a late answer would come to nobody.
 */
export class BrokerConnection {
  readonly address: string;
  readonly #clientId: string;
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  #correlation = 0;
  #ranges: VersionRanges = new Map();
  #closed: FlinchError | undefined;

  private constructor(host: string, port: number, clientId: string) {
    this.address = `broker ${host}:${port}`;
    this.#clientId = clientId;
    const frames = new FrameAssembler((frame) => this.#answer(frame));
    this.#socket = connect({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(SOCKET_BUFFER),
        callback: (bytes, buffer) => {
          try {
            frames.push(buffer as Buffer, bytes);
          } catch (error) {
            this.#fail(wireError(messageOf(error), this.address, 'check that this is the port of a Kafka broker'));
          }
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => this.#fail(this.#lost(messageOf(error), error)));
    this.#socket.on('close', () => this.#fail(this.#lost('the broker closed the connection')));
    this.#socket.on('end', () => this.#socket.destroy());
  }

  /** Connects and asks for the broker's API versions. `ms` bounds both. @throws FlinchError KAFKA_WIRE, DEADLINE */
  static async open(
    { host, port }: { host: string; port: number },
    { clientId, ms, signal }: { clientId: string; ms: number; signal?: AbortSignal | undefined },
  ): Promise<BrokerConnection> {
    const connection = new BrokerConnection(host, port, clientId);
    try {
      const { error, ranges } = await connection.#send(apiVersions, 0, undefined, ms, signal);
      if (ranges.size === 0) {
        throw wireError(`ApiVersions answered error ${error} and no versions`, connection.address);
      }
      connection.#ranges = ranges;
      return connection;
    } catch (error) {
      connection.close();
      throw error;
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

  /** Calls an API in the newest version both sides know. @throws FlinchError KAFKA_WIRE; the signal's reason. */
  call<Request, Response>(
    api: Api<Request, Response>,
    request: Request,
    { ms, signal }: { ms: number; signal?: AbortSignal | undefined },
  ): Promise<Response> {
    const version = this.versionOf(api);
    if (version === undefined) {
      const range = this.#ranges.get(api.key);
      const theirs = range ? `${range.min} to ${range.max}` : 'not at all';
      return Promise.reject(
        wireError(
          `the broker speaks ${api.name} ${theirs}, this reader ${api.min} to ${api.max}`,
          this.address,
          'use a broker of version 2.1 to 4.x',
        ),
      );
    }
    return this.#send(api, version, request, ms, signal);
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
    const writer = new WireWriter().int32(0).int16(api.key).int16(version).int32(correlation).string(this.#clientId);
    const flexible = version >= (api.flexibleFrom ?? Number.POSITIVE_INFINITY);
    if (flexible) writer.tags(); // request header 2; its client id stays an old string
    api.encode(writer, version, request);
    const message = writer.done();
    message.writeInt32BE(message.length - 4, 0);
    let frame: Buffer;
    try {
      frame = await withDeadline(
        `${api.name} on ${this.address}`,
        ms,
        () =>
          new Promise<Buffer>((resolve, reject) => {
            this.#pending.set(correlation, { resolve, reject });
            this.#socket.write(message);
          }),
        signal,
      );
    } catch (error) {
      this.#pending.delete(correlation);
      const late = error instanceof FlinchError && error.code === 'DEADLINE';
      const reported = late
        ? wireError(`${api.name} was not answered within ${ms} ms`, this.address, 'check that the broker runs', error)
        : error;
      if (late) this.#fail(reported as FlinchError);
      throw reported;
    }
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

  #answer(frame: Buffer): void {
    const correlation = frame.readInt32BE(0);
    const pending = this.#pending.get(correlation);
    // An answer to a call that was cancelled meanwhile has nobody waiting; one never asked for is dropped the same.
    this.#pending.delete(correlation);
    pending?.resolve(frame);
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
