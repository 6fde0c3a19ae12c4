import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metadata } from '../../../src/client/kafka/apis/metadata.js';
import { KafkaCluster } from '../../../src/client/kafka/protocol/cluster.js';
import { BrokerConnection } from '../../../src/client/kafka/protocol/connection.js';
import type { KafkaSecurity } from '../../../src/client/kafka/protocol/security.js';
import { tlsRefusal } from '../../../src/client/kafka/protocol/tls.js';
import { hasCode } from '../../support/has-code.js';
import { type Certificate, certificateMaker } from '../../support/kafka/certificates.js';
import {
  emptyMetadataBody,
  HANDSHAKE,
  handshakeBody,
  METADATA,
  type ScriptedCall,
  startScriptedBroker,
  VERSIONS,
  versionsBody,
} from '../../support/scripted-broker.js';

const RANGES = versionsBody({ [METADATA]: [7, 7], [HANDSHAKE]: [0, 1], [VERSIONS]: [0, 0] });

describe('kafka TLS', () => {
  const stops: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });
  let dir = '';
  let ca: Certificate;
  let own: Certificate;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'flinch-test-'));
    const maker = certificateMaker(dir);
    ca = maker.authority('authority');
    own = maker.certificate('broker', 'authority');
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  const secured = async () => {
    const script = (call: ScriptedCall) => (call.api === VERSIONS ? RANGES : emptyMetadataBody());
    const scripted = await startScriptedBroker(script, { cert: own.cert, key: own.key });
    stops.push(scripted.stop);
    return scripted.port;
  };

  async function open(port: number, security: KafkaSecurity, ms = 5000) {
    const connection = await BrokerConnection.open({ host: '127.0.0.1', port }, { clientId: 't', ms, security });
    stops.push(() => connection.close());
    return connection;
  }

  async function raw(serve: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      serve(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  it('reads through the same fast path', async () => {
    const connection = await open(await secured(), { tls: { ca: ca.cert } });
    assert.deepEqual(await connection.call(metadata, { topics: [] }, { ms: 5000 }), { brokers: [], topics: [] });
  });

  it('refuses a broker that cannot show who it is, unless told to accept anybody', async () => {
    const port = await secured();
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      await assert.rejects(open(port, { tls: true }), hasCode('KAFKA_AUTH', /not trusted.* - give the certificate/));
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
    await open(port, { tls: { rejectUnauthorized: false } });
  });

  it('blames no certificate that it was told to accept', () => {
    const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const socket = { authorizationError: 'SELF_SIGNED_CERT_IN_CHAIN' } as unknown as Socket;
    const peer = { host: 'h', port: 1 };
    assert.equal(tlsRefusal(error, socket, peer, { rejectUnauthorized: false }), undefined);
    assert.equal(tlsRefusal(error, socket, peer, true)?.code, 'KAFKA_AUTH');
  });

  it('refuses a certificate for another name', async () => {
    const tls = { ca: ca.cert, servername: 'elsewhere.example' };
    const says = /for another host: .*elsewhere\.example.*servername/s;
    await assert.rejects(open(await secured(), { tls }), hasCode('KAFKA_AUTH', says));
  });

  it('says so when its own key cannot be used', async () => {
    const tls = { ca: ca.cert, cert: own.cert, key: ca.key };
    await assert.rejects(open(1, { tls }), hasCode('KAFKA_AUTH', /key given for TLS cannot be used.*passphrase/s));
  });

  it('tells a TLS port that it spoke plaintext to, however the alert arrives', async () => {
    const alert = Buffer.from([0x15, 0x03, 0x03, 0, 2, 2, 0x0a]);
    for (const first of [1, 7]) {
      const port = await raw((socket) =>
        socket.setNoDelay(true).once('data', () => {
          socket.write(alert.subarray(0, first));
          setTimeout(() => socket.end(alert.subarray(first)), 20);
        }),
      );
      await assert.rejects(open(port, {}), hasCode('KAFKA_AUTH', /speaks TLS, .* turn TLS on/));
    }
  });

  it('tells a plaintext port of Kafka from a broker that dies', async () => {
    // Kafka takes a ClientHello for a frame of 369 MB and hangs up.
    const port = await raw((socket) => {
      socket.once('data', (chunk) => (chunk[0] === 0x16 ? socket.destroy() : socket.write(versionsAnswer(chunk))));
    });
    await assert.rejects(open(port, { tls: true }), hasCode('KAFKA_AUTH', /speaks plaintext, not TLS/));
    const dying = await raw((socket) => socket.destroy());
    await assert.rejects(open(dying, { tls: true }), hasCode('KAFKA_WIRE'));
  });

  it('tells a broker that demands SASL from one that dies', async () => {
    for (const [answer, code] of [
      [handshakeBody(33, ['SCRAM-SHA-256']), hasCode('KAFKA_AUTH', /demands SASL, it offers SCRAM-SHA-256/)],
      [handshakeBody(34, []), hasCode('KAFKA_WIRE', /closed the connection/)],
    ] as const) {
      const scripted = await startScriptedBroker(({ api }) => {
        if (api === VERSIONS) return RANGES;
        return api === HANDSHAKE ? answer : 'close';
      });
      stops.push(scripted.stop);
      const cluster = new KafkaCluster({ brokers: [scripted.address], clientId: 't', deadlineMs: 100, pauseMs: 10 });
      stops.push(() => cluster.close());
      await assert.rejects(cluster.layout('t'), code);
    }
  });

  it('tells what is no TLS at all', async () => {
    const port = await raw((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    await assert.rejects(open(port, { tls: true }), hasCode('KAFKA_AUTH', /does not speak TLS/));
  });

  it('ends by the deadline when the handshake hangs', async () => {
    const port = await raw(() => {});
    const says = /the TLS handshake was not answered within 60 ms/;
    await assert.rejects(open(port, { tls: true }, 60), hasCode('KAFKA_WIRE', says));
  });
});

const versionsAnswer = (request: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(RANGES.length + 4);
  return Buffer.concat([length, request.subarray(8, 12), RANGES]);
};
