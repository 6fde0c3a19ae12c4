/**
 * How the records of two topics are matched, as plain data: where the identity of a record is found, which records are
 * meant, and what a job makes of them. The language that produces it lives in `reconcile/` and `scenario/`; the types
 * live here because a scenario, and with it the journal, carries them.
 */

/** `typed`: the number 7 and the text "7" differ. `text`: they are one. `uuid`: one UUID however it is spelt. */
export type IdentityForm = 'typed' | 'text' | 'uuid';
type Of = 'value' | 'key';

/** Where the schema of Avro values is found. `none`: values without Confluent's five bytes before them. */
export type SchemaSource = { schemaRegistry: string } | { schemaFile: string; framing: 'confluent' | 'none' };
/** Where one identity is found. */
export type PartSpec =
  | { kind: 'key'; as: IdentityForm }
  | { kind: 'header'; name: string; as: IdentityForm }
  | { kind: 'json'; pointer: string; of: Of; as: IdentityForm }
  | { kind: 'capture'; pattern: string; of: Of; as: IdentityForm }
  | ({ kind: 'avro'; path: string[]; of: Of; as: IdentityForm } & SchemaSource);
export type IdentitySpec = PartSpec | { kind: 'all'; parts: PartSpec[] };

export type Scalar = string | number | boolean | null;
/** What is asked of a value that a record has. */
export type Test =
  | { test: 'in'; values: Scalar[] }
  | { test: 'matches'; pattern: string }
  | { test: 'exists'; wanted: boolean }
  | { test: 'between'; atLeast?: number; atMost?: number };
/** Which records are meant. */
export type FilterSpec =
  | { kind: 'json'; pointer: string; of: Of; test: Test }
  | { kind: 'header'; name: string; test: Test }
  | { kind: 'not'; filter: FilterSpec }
  | { kind: 'all' | 'any'; filters: FilterSpec[] };

/**
 * What each record of the sink says of its group, by JSON pointers into the values: COUNT(*) of the group's source
 * records, or the SUM, MAX or MIN of a number that they carry.
 */
export type InvariantSpec =
  | { kind: 'count'; sink: string }
  | { kind: 'max' | 'min'; source: string; sink: string }
  | {
      kind: 'sum';
      source: string;
      sink: string;
      /** How far the two may be apart: sums of floating-point numbers depend on their order. */
      tolerance: number;
    };

/** Totals by group: the identity is the group, and its last record at the sink holds what the invariants declare. */
export interface AggregateRelation {
  readonly kind: 'aggregate';
  readonly invariants: readonly InvariantSpec[];
}

/**
 * What a job is declared to make of its source records, by id.
 * - `one-to-one`: each record comes out once.
 * - `one-to-many`: each record comes out at least once, or exactly `times` times.
 * - `subset`: each record that passes the filter comes out once, the others never. Who reads the source applies the
 *   filter and tallies what it drops as `Side.filtered`.
 */
export type Relation =
  | { readonly kind: 'one-to-one' }
  | { readonly kind: 'one-to-many'; readonly times?: number }
  | { readonly kind: 'subset' };
