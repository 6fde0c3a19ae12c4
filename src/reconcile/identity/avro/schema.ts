import type { Type, types } from 'avsc';

/** The logical types that change what a value means; others are what they are made of. */
export interface DecimalType extends types.LogicalType {
  readonly scale: number;
}
export const isDecimal = (type: Type): type is DecimalType => type.typeName === 'logical:decimal';
export const isUuid = (type: Type): boolean => type.typeName === 'logical:uuid';

/**
 * The type of the last of some schemas (JSON); the others define the names it refers to. Defaults do not matter for
 * what is written in this very schema, and not every producer keeps them valid, so they are not looked at.
 * @throws what says that it is not Avro
 */
export async function parseAvroSchema(texts: readonly string[]): Promise<Type> {
  const { default: avsc } = await import('avsc');
  class Decimal extends avsc.types.LogicalType {
    readonly scale: number;
    constructor(schema: unknown, options: unknown) {
      super(schema as ConstructorParameters<typeof avsc.types.LogicalType>[0], options);
      this.scale = Number((schema as { scale?: number }).scale ?? 0);
    }
    override _fromValue(value: unknown) {
      return value;
    }
    override _toValue(value: unknown) {
      return value;
    }
  }
  class Uuid extends Decimal {}
  const registry: Record<string, Type> = {};
  const logicalTypes = { decimal: Decimal, uuid: Uuid } as never;
  const parsed = texts.map((text) =>
    avsc.Type.forSchema(withoutDefaults(JSON.parse(text)) as Parameters<typeof avsc.Type.forSchema>[0], {
      registry,
      logicalTypes,
      wrapUnions: true,
    }),
  );
  return parsed.at(-1) as Type;
}

function withoutDefaults(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutDefaults);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(([name]) => name !== 'default' && name !== 'doc');
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutDefaults(value)]));
}
