import assert from 'node:assert/strict';
import type { RecordView } from '../../src/client/kafka/records/record-batch.js';
import { compileIdentity, type IdentityDeps } from '../../src/reconcile/identity/compile.js';
import type { Extractor } from '../../src/reconcile/identity/extractor.js';
import { showIdentity } from '../../src/reconcile/identity/show.js';
import { identitySchema } from '../../src/reconcile/identity/spec.js';

const noRegistry: IdentityDeps = { registry: () => assert.fail('it asks for a registry') };

/** The extractor of an identity as a scenario writes it. */
export const extractorOf = (written: unknown, deps: IdentityDeps = noRegistry): Promise<Extractor> =>
  compileIdentity(identitySchema.parse(written), deps);

/** The bytes of an identity, kept; or why there is none. */
export function take(extractor: Extractor, record: RecordView): Buffer | string {
  const identity = extractor.extract(record);
  if (typeof identity === 'string') return identity;
  return Buffer.from(identity.bytes.subarray(identity.start, identity.end));
}

/** The identity as people read it, or why there is none. */
export function read(extractor: Extractor, record: RecordView): string {
  const identity = extractor.extract(record);
  return typeof identity === 'string' ? `${identity}: ${extractor.reason}` : showIdentity(identity);
}
