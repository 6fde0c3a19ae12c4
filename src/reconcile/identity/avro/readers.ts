import { type SchemaRegistry, schemaFailure } from '../../../client/schema-registry.js';
import { messageOf } from '../../../core/error.js';
import type { Readers } from './part.js';
import { type AvroReader, openAvroReader } from './reader.js';

type Known = AvroReader | { readonly why: string } | 'later';

/** Readers whose schemas a registry has; each is fetched when a record first names it. */
export class RegistryReaders implements Readers {
  readonly #registry: SchemaRegistry;
  readonly #path: readonly string[];
  readonly #known = new Map<number, Known>();
  #wanted: number[] = [];

  constructor(registry: SchemaRegistry, path: readonly string[]) {
    this.#registry = registry;
    this.#path = path;
  }

  reader(id: number): Known {
    const known = this.#known.get(id);
    if (known) return known;
    this.#known.set(id, 'later');
    this.#wanted.push(id);
    return 'later';
  }

  get waiting(): boolean {
    return this.#wanted.length > 0;
  }

  /** @throws FlinchError SCHEMA_REGISTRY when the registry is away: what it has is asked for again the next time. */
  async settle(signal?: AbortSignal): Promise<void> {
    while (this.#wanted.length > 0) {
      const id = this.#wanted[0] as number;
      this.#known.set(id, await this.#open(id, signal));
      // Not the first of the list: another wait may have taken that away meanwhile.
      this.#wanted = this.#wanted.filter((other) => other !== id);
    }
  }

  async #open(id: number, signal: AbortSignal | undefined): Promise<Known> {
    let texts: readonly string[];
    try {
      texts = await this.#registry.schema(id, signal);
    } catch (error) {
      const failure = schemaFailure(error);
      if (failure === 'unknown' || failure === 'not-avro')
        return { why: `its schema is of no use: ${messageOf(error)}` };
      throw error;
    }
    try {
      return await openAvroReader(texts, this.#path);
    } catch (error) {
      return { why: `its schema ${id}: ${messageOf(error)}` };
    }
  }
}

/**
 * The reader of a schema file for framed values. A file is one schema, so it is that of one id only: the first that it
 * reads well.
 */
export class FileReaders implements Readers {
  readonly waiting = false;
  readonly #reader: AvroReader;
  #id: number | undefined;
  #others = new Map<number, { why: string }>();

  constructor(reader: AvroReader) {
    this.#reader = reader;
  }

  reader(id: number): Known {
    if (this.#id === undefined || this.#id === id) return this.#reader;
    const known = this.#others.get(id);
    if (known) return known;
    const why = `it is of schema ${id}, the file was read as schema ${this.#id}; name a schema registry instead`;
    // Damaged records may name any number of ids.
    if (this.#others.size < 1000) this.#others.set(id, { why });
    return { why };
  }
  confirm(id: number): void {
    this.#id ??= id;
  }
  async settle(): Promise<void> {}
}
