import { join } from 'node:path';
import { freePorts } from '../../../src/target/local/free-ports.js';
import { type BrokersOptions, startBrokers } from './brokers.js';
import { type Certificate, certificateMaker, HERE } from './certificates.js';

/**
 * Listeners of a broker that has one for each kind of client. SHORT ends sessions after 2 s; OTHERHOST and EXPIRED
 * show a certificate that does not fit.
 */
const LISTENERS = ['PLAINTEXT', 'CONTROLLER', 'SASLPLAIN', 'SASLSSL', 'MTLS', 'OTHERHOST', 'EXPIRED', 'SHORT'] as const;
export type Listener = (typeof LISTENERS)[number];

export const PASSWORDS = { alice: 'alice-secret', bob: 'böb-secret' };
const SESSION_MS = 2000;

export type TestCertificates = Record<'ca' | 'otherCa' | 'client' | 'stranger', Certificate>;

/** One broker with all the listeners; alice is known to PLAIN, bob to SCRAM, anybody to OAUTHBEARER. */
export async function startSecuredBroker({ line = 3 }: Pick<BrokersOptions, 'line'> = {}) {
  const numbers = await freePorts(LISTENERS.length);
  const ports = Object.fromEntries(LISTENERS.map((name, i) => [name, numbers[i] ?? 0])) as Record<Listener, number>;
  let certificates: TestCertificates | undefined;
  const bob = (mechanism: string) => ['--add-scram', `${mechanism}=[name=bob,password=${PASSWORDS.bob}]`];
  const brokers = await startBrokers({
    line,
    config: securedConfig(ports),
    format: [...bob('SCRAM-SHA-256'), ...bob('SCRAM-SHA-512')],
    prepare: (dir) => {
      const maker = certificateMaker(join(dir, 'tls'));
      const ca = maker.authority('authority');
      const otherCa = maker.authority('stranger');
      maker.certificate('broker', 'authority');
      maker.certificate('other-host', 'authority', 'DNS:elsewhere.example');
      maker.certificate('expired', 'authority', HERE, -1);
      const client = maker.certificate('client', 'authority', 'DNS:client');
      certificates = { ca, otherCa, client, stranger: maker.certificate('nobody', 'stranger', 'DNS:client') };
    },
  });
  if (!certificates) throw new Error('there are no certificates');
  const at = (listener: Listener) => (listener === 'PLAINTEXT' ? brokers.bootstrap : [`127.0.0.1:${ports[listener]}`]);
  return { brokers, ports, certificates, at };
}

function securedConfig(ports: Record<Listener, number>): Record<string, string> {
  const address = (name: Listener) => `${name}://127.0.0.1:${name === 'PLAINTEXT' ? '{port}' : ports[name]}`;
  const protocols: Record<Listener, string> = {
    PLAINTEXT: 'PLAINTEXT',
    CONTROLLER: 'PLAINTEXT',
    SASLPLAIN: 'SASL_PLAINTEXT',
    SASLSSL: 'SASL_SSL',
    MTLS: 'SSL',
    OTHERHOST: 'SSL',
    EXPIRED: 'SSL',
    SHORT: 'SASL_PLAINTEXT',
  };
  const kafka = 'org.apache.kafka.common.security';
  return {
    listeners: LISTENERS.map(address).join(','),
    'advertised.listeners': LISTENERS.filter((name) => name !== 'CONTROLLER')
      .map(address)
      .join(','),
    'controller.quorum.voters': `1@127.0.0.1:${ports.CONTROLLER}`,
    'listener.security.protocol.map': LISTENERS.map((name) => `${name}:${protocols[name]}`).join(','),
    ...sasl('saslplain', ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER']),
    ...sasl('saslssl', ['PLAIN', 'SCRAM-SHA-512']),
    ...sasl('short', ['SCRAM-SHA-256', 'OAUTHBEARER']),
    'listener.name.short.connections.max.reauth.ms': String(SESSION_MS),
    ...keyStore('saslssl', 'broker'),
    ...keyStore('mtls', 'broker'),
    'listener.name.mtls.ssl.client.auth': 'required',
    'listener.name.mtls.ssl.truststore.type': 'PEM',
    'listener.name.mtls.ssl.truststore.location': '{dir}/tls/authority.pem',
    ...keyStore('otherhost', 'other-host'),
    ...keyStore('expired', 'expired'),
  };

  function sasl(listener: string, mechanisms: readonly string[]): Record<string, string> {
    const prefix = `listener.name.${listener}`;
    const modules: Record<string, string> = {
      PLAIN: `${kafka}.plain.PlainLoginModule required user_alice="${PASSWORDS.alice}";`,
      OAUTHBEARER: `${kafka}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
    };
    const entries = mechanisms.map((mechanism) => {
      const login = modules[mechanism] ?? `${kafka}.scram.ScramLoginModule required;`;
      return [`${prefix}.${mechanism.toLowerCase()}.sasl.jaas.config`, login];
    });
    return { [`${prefix}.sasl.enabled.mechanisms`]: mechanisms.join(','), ...Object.fromEntries(entries) };
  }
}

function keyStore(listener: string, certificate: string): Record<string, string> {
  return {
    [`listener.name.${listener}.ssl.keystore.type`]: 'PEM',
    [`listener.name.${listener}.ssl.keystore.location`]: `{dir}/tls/${certificate}.store.pem`,
  };
}

/** A token that Kafka's unsecured validator takes: a JWT that nobody signed. */
export function unsignedToken(subject: string, secondsLeft: number): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now - 7200, exp: now + secondsLeft })}.`;
}
