import assert from 'node:assert/strict';
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { SaslDialogue } from '../../../src/client/kafka/protocol/sasl/dialogue.js';
import { scram } from '../../../src/client/kafka/protocol/sasl/scram.js';
import type { PasswordSasl } from '../../../src/client/kafka/protocol/security.js';
import { hasCode } from '../../support/has-code.js';

type Hash = 'sha256' | 'sha512';

/** A server of its own making, written from RFC 5802 independently of the client; `lie` changes what it says. */
function server(hash: Hash, password: string, lie: { first?: (text: string) => string; final?: string } = {}) {
  const said: string[] = [];
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const salted = pbkdf2Sync(password, salt, 4096, hash === 'sha256' ? 32 : 64, hash);
  const sign = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  let first = '';
  const dialogue = new SaslDialogue('broker b:1', 'SCRAM', async (message) => {
    const text = message.toString();
    said.push(text);
    if (said.length === 1) {
      const honest = `r=${/r=([^,]*)/.exec(text)?.[1]}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=${salt.toString('base64')},i=4096`;
      first = lie.first?.(honest) ?? honest;
      return { error: 0, message: null, bytes: Buffer.from(first) };
    }
    const [withoutProof, proof] = text.split(',p=');
    const exchanged = `${said[0]?.slice(3)},${first},${withoutProof}`;
    const clientKey = sign(salted, 'Client Key');
    const signature = sign(createHash(hash).update(clientKey).digest(), exchanged);
    const shown = Buffer.from(proof ?? '', 'base64').map((byte, i) => byte ^ (signature[i] ?? 0));
    if (!clientKey.equals(shown)) return { error: 58, message: 'wrong password', bytes: Buffer.alloc(0) };
    const good = `v=${sign(sign(salted, 'Server Key'), exchanged).toString('base64')}`;
    return { error: 0, message: null, bytes: Buffer.from(lie.final ?? good) };
  });
  return { dialogue, said };
}

const user: PasswordSasl = { mechanism: 'SCRAM-SHA-256', username: 'user', password: 'pencil' };

describe('kafka SCRAM', () => {
  it('gives the exchange of RFC 7677, section 3', async () => {
    const { dialogue, said } = server('sha256', 'pencil', {
      final: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    });
    await scram(user, dialogue, 'rOprNGfwEbeRWgbNEkqO');
    assert.deepEqual(said, [
      'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    ]);
  });

  it('does SHA-512, escapes user names, takes any password and a new nonce each time', async () => {
    const password = 'pä,=ß\u{1f511} ';
    const nonces = new Set<string>();
    for (const username of ['a,b=c', '=2C', 'ü']) {
      const { dialogue, said } = server('sha512', password);
      await scram({ mechanism: 'SCRAM-SHA-512', username, password }, dialogue);
      nonces.add(said[0]?.split('r=')[1] ?? '');
      const name = /^n,,n=([^,]*),/.exec(said[0] ?? '')?.[1] ?? '';
      assert.equal(name.replaceAll('=2C', ',').replaceAll('=3D', '='), username);
      assert.ok(!/=(?!2C|3D)/.test(name), name);
    }
    assert.equal(nonces.size, 3);
  });

  for (const [lie, says, first] of [
    ['a nonce that is not ours', /nonce/, () => 'r=another,s=QUJD,i=4096'],
    ['our nonce as it was', /nonce/, (honest: string) => honest.replace(/%[^,]*/, '')],
    ['few iterations', /asks for 4095 iterations/, (honest: string) => honest.replace('i=4096', 'i=4095')],
    ['endless iterations', /asks for 9999999999 it/, (honest: string) => honest.replace('i=4096', 'i=9999999999')],
    ['no salt', /not one of SCRAM/, (honest: string) => honest.replace(/s=[^,]*/, 's=')],
    ['a mandatory extension', /not one of SCRAM/, (honest: string) => `m=x,${honest}`],
    ['garbage', /not one of SCRAM/, () => '\0\u0001'],
    ['an error', /refused: unknown-user/, () => 'e=unknown-user'],
  ] as const) {
    it(`sends no proof to a broker that answers with ${lie}`, async () => {
      const { dialogue, said } = server('sha256', 'pencil', { first });
      await assert.rejects(scram(user, dialogue), hasCode('KAFKA_AUTH', says));
      assert.equal(said.length, 1);
    });
  }

  for (const final of ['v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=', 'v=', '', 'v=AAAA']) {
    it(`does not believe a broker that ends with "${final}"`, async () => {
      const { dialogue } = server('sha256', 'pencil', { final });
      await assert.rejects(scram(user, dialogue), hasCode('KAFKA_AUTH', /could not prove that it knows the password/));
    });
  }

  it('tells a refusal, of either kind', async () => {
    const { dialogue } = server('sha256', 'another');
    await assert.rejects(scram(user, dialogue), hasCode('KAFKA_AUTH', /refused: wrong password/));
    const ending = server('sha256', 'pencil', { final: 'e=other-error' });
    await assert.rejects(scram(user, ending.dialogue), hasCode('KAFKA_AUTH', /refused: other-error/));
  });
});
