import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  /** PEM text. */
  cert: string;
  key: string;
  /** Certificate alone, and with its key before it, as files: Kafka's PEM trust and key stores. */
  certFile: string;
  storeFile: string;
}

export const HERE = 'IP:127.0.0.1,DNS:localhost';

/** Makes throw-away certificates with openssl in `dir`. */
export function certificateMaker(dir: string) {
  mkdirSync(dir, { recursive: true });
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const made = (name: string): Certificate => {
    const [certFile, keyFile, storeFile] = ['pem', 'key', 'store.pem'].map((end) => join(dir, `${name}.${end}`));
    const [cert, key] = [readFileSync(certFile ?? '', 'utf8'), readFileSync(keyFile ?? '', 'utf8')];
    writeFileSync(storeFile ?? '', key + cert);
    return { cert, key, certFile: certFile ?? '', storeFile: storeFile ?? '' };
  };
  return {
    authority(name: string): Certificate {
      const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
      openssl('req', '-x509', ...newKey, ...files, '-days', '30', '-subj', `/CN=${name}`);
      return made(name);
    },
    /** A certificate for these names, by this authority; -1 days make it an expired one. */
    certificate(name: string, authority: string, names = HERE, days = 30): Certificate {
      openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
      writeFileSync(join(dir, `${name}.ext`), `subjectAltName=${names}\n`);
      const by = ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial'];
      const files = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`];
      openssl('x509', '-req', ...files, '-days', String(days), ...by);
      return made(name);
    },
  };
}
