import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Pair {
  /** PEM text. */
  cert: string;
  key: string;
  /** File with both, as Kafka's PEM key stores want it. */
  store: string;
}

/** Throw-away certificates for loopback, made by openssl in `dir`. */
export interface Certificates {
  ca: string;
  caFile: string;
  /** Signs none of the others. */
  otherCa: string;
  /** For 127.0.0.1 and localhost. */
  broker: Pair;
  otherHost: Pair;
  expired: Pair;
  client: Pair;
  /** Like `client`, but of the other authority. */
  stranger: Pair;
}

export function makeCertificates(dir: string): Certificates {
  mkdirSync(dir, { recursive: true });
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const read = (file: string) => readFileSync(join(dir, file), 'utf8');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const authority = (name: string) => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    openssl('req', '-x509', ...newKey, ...files, '-days', '30', '-subj', `/CN=${name}`);
    return name;
  };
  const pair = (name: string, signer: string, names: string, days = '30'): Pair => {
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    writeFileSync(join(dir, `${name}.ext`), `subjectAltName=${names}\n`);
    const by = ['-CA', `${signer}.pem`, '-CAkey', `${signer}.key`, '-CAcreateserial', '-extfile', `${name}.ext`];
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, '-days', days, ...by);
    const [cert, key, store] = [read(`${name}.pem`), read(`${name}.key`), join(dir, `${name}.store.pem`)];
    writeFileSync(store, key + cert);
    return { cert, key, store };
  };
  const [own, other] = [authority('authority'), authority('stranger-authority')];
  const here = 'IP:127.0.0.1,DNS:localhost';
  return {
    ca: read(`${own}.pem`),
    caFile: join(dir, `${own}.pem`),
    otherCa: read(`${other}.pem`),
    broker: pair('broker', own, here),
    otherHost: pair('other-host', own, 'DNS:elsewhere.example'),
    expired: pair('expired', own, here, '-1'),
    client: pair('client', own, 'DNS:client'),
    stranger: pair('stranger', other, 'DNS:client'),
  };
}
