import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import {
  fourLetterWord,
  hostAndPort,
  isServing,
  serverMode,
  serverSessions,
  serverTimes,
} from '../../../src/client/zookeeper/four-letter.js';
import { FlinchError } from '../../../src/core/error.js';

const CONF = 'clientPort=2181\ntickTime=2000\nmaxClientCnxns=60\nminSessionTimeout=4000\nmaxSessionTimeout=40000\n';
const CONS = ` /127.0.0.1:40222[1](queued=0,recved=12,sent=12,sid=0x100048a1b2c0001,lop=PING,est=1700000000000,to=6000,lcxid=0x3,lzxid=0x12,lresp=1,llat=0,minlat=0,avglat=0,maxlat=4)
 /127.0.0.1:40230[0](queued=0,recved=1,sent=0)
`;
/** For what answers, and for what never does. */
const limits = { timeoutMs: 10_000 };
const tight = { timeoutMs: 40 };

describe("ZooKeeper's four-letter words", () => {
  let server: Server;
  let at: string;
  let answer: (socket: Socket, word: string) => void = () => {};
  before(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (word) => answer(socket, word.toString()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => new Promise((resolve) => server.close(resolve)));

  it('are sent and answered', async () => {
    const answers: Record<string, string> = {
      ruok: 'imok',
      srvr: 'Zookeeper version: 3.9.3\nLatency min/avg/max: 0/0.0/0\nMode: standalone\nNode count: 5\n',
      conf: CONF,
      cons: CONS,
    };
    answer = (socket, word) => socket.end(answers[word] ?? '');
    assert.equal(await isServing(at, limits), true);
    assert.equal(await serverMode(at, limits), 'standalone');
    assert.deepEqual(await serverTimes(at, limits), {
      tickTime: 2000,
      minSessionTimeout: 4000,
      maxSessionTimeout: 40000,
    });
    assert.deepEqual(await serverSessions(at, limits), [
      { client: '127.0.0.1:40222', session: '0x100048a1b2c0001', timeout: 6000 },
    ]);
  });

  const lies: [name: string, act: typeof answer, message: RegExp][] = [
    ['is silent', () => {}, /longer than 40 ms/],
    ['closes', (socket) => socket.end(), /without an answer/],
    ['resets', (socket) => socket.resetAndDestroy(), /ECONNRESET/],
    ['talks for ever', (socket) => socket.write(Buffer.alloc(2_000_000)), /longer than \d+ bytes/],
    ['forbids it', (socket) => socket.end('conf is not executed because it is not in the whitelist.'), /whitelist/],
    ['says something else', (socket) => socket.end('This ZooKeeper instance is not serving'), /does not say/],
  ];
  for (const [name, act, message] of lies) {
    it(`fail with a code when the server ${name}`, async () => {
      answer = act;
      const options = name === 'is silent' ? tight : limits;
      await assert.rejects(serverTimes(at, options), (error) => {
        assert.ok(error instanceof FlinchError && error.code === 'ZOOKEEPER');
        assert.match(error.message, message);
        return true;
      });
      assert.equal(await isServing(at, options), false);
    });
  }

  it('stop at the signal', async () => {
    answer = () => {};
    const signal = AbortSignal.timeout(20);
    await assert.rejects(fourLetterWord(at, 'ruok', { timeoutMs: 5000, signal }), (error) => error === signal.reason);
  });

  it('know how servers are written', () => {
    assert.deepEqual(hostAndPort('zk:2182'), { host: 'zk', port: 2182 });
    assert.deepEqual(hostAndPort('zk'), { host: 'zk', port: 2181 });
    assert.deepEqual(hostAndPort('[::1]:2183'), { host: '::1', port: 2183 });
    assert.throws(() => hostAndPort('::1'), FlinchError);
  });
});
