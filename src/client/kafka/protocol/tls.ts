import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { type FlinchError, messageOf } from '../../../core/error.js';
import { authError, type KafkaTls } from './security.js';

interface Peer {
  host: string;
  port: number;
}

/** As of net.connect. tls.connect takes it too, though its types do not say so; it saves a third of the time. */
interface OnRead {
  onread?: { buffer: () => Buffer; callback: (bytes: number, buffer: Uint8Array) => boolean };
}

/**
 * Opens a TLS connection; 'secureConnect' says that the broker's certificate is good.
 * @throws FlinchError KAFKA_AUTH when our own certificate or key cannot be used.
 */
export function connectTls({ host, port }: Peer, tls: KafkaTls | true, extra: OnRead = {}): TLSSocket {
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = tls === true ? ({} as KafkaTls) : tls;
  const name = servername ?? (isIP(host) ? undefined : host);
  const options: ConnectionOptions & OnRead = {
    host,
    port,
    // Said also when it is the default: an environment variable of Node changes the default.
    rejectUnauthorized: rejectUnauthorized !== false,
    ...(name === undefined ? {} : { servername: name }),
    ...(ca === undefined ? {} : { ca: typeof ca === 'string' || Buffer.isBuffer(ca) ? ca : [...ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...extra,
  };
  try {
    const socket = connect(options);
    socket.setNoDelay(true);
    return socket;
  } catch (error) {
    const what = `the certificates or the key given for TLS cannot be used: ${messageOf(error)}`;
    throw authError(what, `broker ${host}:${port}`, 'check ca, cert, key and passphrase', error);
  }
}

const NAME_MISMATCH = 'ERR_TLS_CERT_ALTNAME_INVALID';
const WRONG_TIME = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const NOT_TLS = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL|RECORD_TOO_SMALL/;
const ABOUT_OUR_CERTIFICATE =
  /ALERT_(?:BAD_CERTIFICATE|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE|NO_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)$/;
const NOTHING_IN_COMMON =
  /ALERT_(?:HANDSHAKE_FAILURE|PROTOCOL_VERSION|INSUFFICIENT_SECURITY|UNRECOGNIZED_NAME)$|UNSUPPORTED_PROTOCOL$/;

/** A KAFKA_AUTH error for a failure of TLS that trying again does not cure; undefined for any other. */
export function tlsRefusal(
  error: Error,
  socket: Socket,
  { host, port }: Peer,
  tls: KafkaTls | true,
): FlinchError | undefined {
  const on = `broker ${host}:${port}`;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const reason = (socket as Partial<TLSSocket>).authorizationError as string | Error | null | undefined;
  // Without verification it is set too, and says nothing about what ended the connection.
  if (reason && (tls === true || tls.rejectUnauthorized !== false)) {
    const verdict = code || String(reason);
    if (verdict === NAME_MISMATCH) {
      const todo = 'connect by a name that is in the certificate, or give that name as servername';
      return authError(`the broker's certificate is for another host: ${messageOf(error)}`, on, todo, error);
    }
    if (WRONG_TIME.has(verdict)) {
      const todo = "renew the broker's certificate, or set the clock";
      return authError(`the broker's certificate is not valid now: ${messageOf(error)}`, on, todo, error);
    }
    const todo = 'give the certificate of its authority as ca';
    return authError(`the broker's certificate is not trusted: ${messageOf(error)} (${verdict})`, on, todo, error);
  }
  if (NOT_TLS.test(code)) {
    return authError(
      `what answers there does not speak TLS (${code})`,
      on,
      'leave TLS out, or use the TLS port',
      error,
    );
  }
  if (ABOUT_OUR_CERTIFICATE.test(code)) {
    const own = tls !== true && tls.cert !== undefined;
    return own
      ? authError(`the broker refused our certificate (${code})`, on, 'give a certificate that it trusts', error)
      : authError(`the broker demands a client certificate (${code})`, on, 'give cert and key', error);
  }
  if (NOTHING_IN_COMMON.test(code)) {
    const todo = "check the broker's TLS versions and ciphers, and whether it demands a client certificate";
    return authError(`the broker broke off the TLS handshake (${code})`, on, todo, error);
  }
  return undefined;
}

/** Says, from an answer's first two bytes on, whether it is a TLS alert: so a TLS port answers plaintext. */
export function alertWatch(): (chunk: Uint8Array, length: number) => boolean {
  const first: number[] = [];
  return (chunk, length) => {
    for (let i = 0; first.length < 2 && i < length; i++) first.push(chunk[i] ?? 0);
    return first[0] === 0x15 && first[1] === 0x03;
  };
}

export const tlsExpected = ({ host, port }: Peer): FlinchError =>
  authError('this port speaks TLS, it was spoken to in plaintext', `broker ${host}:${port}`, 'turn TLS on');

export const plaintextExpected = ({ host, port }: Peer): FlinchError =>
  authError('this port speaks plaintext, not TLS', `broker ${host}:${port}`, 'leave TLS out, or use the TLS port');
