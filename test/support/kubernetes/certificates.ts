import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** Paths of a certificate and its key, both PEM. */
export interface Certificate {
  certificate: string;
  key: string;
}

/** Whom a certificate is for: to the API server the user's name (CN), his groups (O), and a server's names (`DNS:..`, `IP:..`). */
export interface Subject {
  user: string;
  groups?: readonly string[];
  hosts?: readonly string[];
}

/** A certificate authority in a folder, by openssl: for tests only, its keys are as open as the folder. */
export interface Authority extends Certificate {
  /** @param file the name that its files begin with */
  issue(file: string, subject: Subject): Promise<Certificate>;
  /** A key alone, for signing tokens. Its path. */
  signingKey(file: string): Promise<string>;
}

const DAYS = '2';
/** Milliseconds for one call of openssl, most of which look for primes. */
const OPENSSL_MS = 60_000;

const openssl = (...args: string[]) => execa('openssl', args, { stdin: 'ignore', timeout: OPENSSL_MS });

const CA = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';

/** @throws ExecaError with what openssl said */
export async function createAuthority(dir: string): Promise<Authority> {
  const paths = (file: string): Certificate => ({
    certificate: join(dir, `${file}.crt`),
    key: join(dir, `${file}.key`),
  });
  const own = paths('ca');

  async function sign(file: string, subject: string, extensions: string, signer: string[]): Promise<Certificate> {
    const made = paths(file);
    const [request, extras] = [join(dir, `${file}.csr`), join(dir, `${file}.ext`)];
    await writeFile(extras, extensions);
    // RSA: not every client reads elliptic keys.
    const fresh = ['-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', made.key];
    await openssl('req', ...fresh, '-out', request, '-subj', subject);
    // A serial number of its own, without the file that openssl counts in: two may be issued at once.
    const serial = ['-set_serial', `0x${randomBytes(16).toString('hex')}`];
    const about = ['-in', request, '-out', made.certificate, '-days', DAYS, '-extfile', extras, ...serial];
    await openssl('x509', '-req', ...signer, ...about);
    return made;
  }

  await sign('ca', '/CN=flinch-test', CA, ['-signkey', own.key]);
  return {
    ...own,
    issue: (file, { user, groups = [], hosts = [] }) =>
      sign(
        file,
        [...groups.map((group) => ['O', group]), ['CN', user]]
          .map(([key, value]) => `/${key}=${escaped(value)}`)
          .join(''),
        `extendedKeyUsage=serverAuth,clientAuth\n${hosts.length > 0 ? `subjectAltName=${hosts.join(',')}\n` : ''}`,
        ['-CA', own.certificate, '-CAkey', own.key],
      ),
    signingKey: async (file) => {
      const { key } = paths(file);
      await openssl('genrsa', '-out', key, '2048');
      return key;
    },
  };
}

/** As -subj takes it, where a slash ends a part and a plus adds to it. */
const escaped = (value = ''): string => value.replace(/[\\/+]/g, '\\$&');
