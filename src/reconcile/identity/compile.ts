import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RecordView } from '../../client/kafka/records/record-batch.js';
import type { SchemaRegistry } from '../../client/schema-registry.js';
import { FlinchError, messageOf } from '../../core/error.js';
import { AvroPart } from './avro/part.js';
import { type AvroReader, openAvroReader } from './avro/reader.js';
import { FileReaders, RegistryReaders } from './avro/readers.js';
import { CapturePart, capturePattern } from './capture.js';
import { CompoundPart } from './compound.js';
import type { Extractor, Identity, NoIdentity, Part } from './extractor.js';
import { HeaderPart } from './header.js';
import { IdentityWriter } from './identity-writer.js';
import { JsonPart } from './json.js';
import { parsePointer } from './json-pointer.js';
import { KeyPart } from './key.js';
import type { IdentitySpec, PartSpec } from './spec.js';

export interface IdentityDeps {
  /** The client of a registry; one for all identities, so that each schema is fetched once. The caller closes it. */
  registry(url: string): SchemaRegistry;
  /** Where a relative `schemaFile` starts; the current folder unless told. */
  folder?: string;
  /** Code of what is wrong with a schema file; USAGE unless told. */
  code?: 'USAGE' | 'SCENARIO_INVALID';
}

/**
 * What finds the identity of records. Fetches nothing yet: schemas are fetched when records name them.
 * @throws FlinchError USAGE (or `deps.code`) for a schema file that cannot be read, is not Avro or lacks the field.
 */
export async function compileIdentity(spec: IdentitySpec, deps: IdentityDeps): Promise<Extractor> {
  if (spec.kind !== 'all') return new PartExtractor(await partOf(spec, deps));
  return new PartExtractor(new CompoundPart(await Promise.all(spec.parts.map((part) => partOf(part, deps)))));
}

async function partOf(spec: PartSpec, deps: IdentityDeps): Promise<Part> {
  switch (spec.kind) {
    case 'key':
      return new KeyPart(spec.as);
    case 'header':
      return new HeaderPart(spec.name, spec.as);
    case 'json': {
      const steps = parsePointer(spec.pointer);
      if (typeof steps === 'string') throw unchecked(`${spec.pointer} ${steps}`);
      return new JsonPart(spec.pointer, steps, spec.of, spec.as);
    }
    case 'capture': {
      const pattern = capturePattern(spec.pattern);
      if (typeof pattern === 'string') throw unchecked(`${spec.pattern} ${pattern}`);
      return new CapturePart(pattern, spec.of, spec.as);
    }
    case 'avro': {
      if ('schemaRegistry' in spec) {
        const readers = new RegistryReaders(deps.registry(spec.schemaRegistry), spec.path);
        return new AvroPart(readers, spec.of, spec.as);
      }
      const reader = await readerOf(spec.schemaFile, spec.path, deps);
      return new AvroPart(spec.framing === 'none' ? reader : new FileReaders(reader), spec.of, spec.as);
    }
  }
}

async function readerOf(schemaFile: string, path: readonly string[], deps: IdentityDeps): Promise<AvroReader> {
  const { code = 'USAGE', folder = '.' } = deps;
  let text: string;
  try {
    text = await readFile(resolve(folder, schemaFile), 'utf8');
  } catch (cause) {
    throw new FlinchError(code, {
      what: `the schema file cannot be read (${messageOf(cause)})`,
      on: schemaFile,
      cause,
    });
  }
  try {
    return await openAvroReader([text], path);
  } catch (cause) {
    throw new FlinchError(code, { what: `the schema file: ${messageOf(cause)}`, on: schemaFile, cause });
  }
}

/** The schema of the language checks this first. */
const unchecked = (what: string): FlinchError => new FlinchError('INTERNAL', { what });

class PartExtractor implements Extractor {
  readonly #part: Part;
  readonly #out = new IdentityWriter();
  constructor(part: Part) {
    this.#part = part;
  }
  extract(record: RecordView): Identity | NoIdentity {
    const out = this.#out;
    out.begin(true);
    const written = this.#part.write(record, out);
    return written === 'found' ? out : written;
  }
  get reason(): string {
    return this.#out.reason;
  }
  get waiting(): boolean {
    return this.#part.waiting ?? false;
  }
  async settle(signal?: AbortSignal): Promise<void> {
    await this.#part.settle?.(signal);
  }
}
