import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseAllDocuments, type YAMLMap } from 'yaml';
import { FlinchError } from '../../core/error.js';
import { type YamlLimits, yamlExcess } from '../../core/yaml-limits.js';
import type { Setting } from '../settings.js';

/** A map of one YAML document, with the way back to lines. */
export interface YamlMap {
  map: YAMLMap;
  place(node: unknown): { line: number; column: number };
}

/** Generous for the configuration of a cluster, and for the resources beside it. */
const LIMITS: YamlLimits = {
  tokens: 100_000,
  tooLarge: 'is far larger than a configuration of Flink',
  tooDeep: 'is nested too deeply for a configuration of Flink',
};

/** The maps of a text, one for each document that is one. @throws FlinchError CONFIG_UNREADABLE with the position */
export function yamlMaps(text: string, file: string): YamlMap[] {
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(Math.max(0, offset));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const excess = yamlExcess(text, LIMITS);
  if (excess) throw unreadable(file, excess.sentence);
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  for (const { errors } of documents) {
    const [error] = errors;
    if (!error) continue;
    const { line, column } = at(error.pos[0]);
    throw unreadable(`${file}:${line}:${column}`, `is no YAML: ${error.message.split('\n')[0]}`);
  }
  return documents.flatMap(({ contents }) =>
    isMap(contents)
      ? [{ map: contents, place: (node: unknown) => at((node as ParsedNode | undefined)?.range?.[0] ?? 0) }]
      : [],
  );
}

/** The settings below a map, nested or flat: keys joined by dots, lists by semicolons, as Flink reads them. */
export function settingsOf({ map, place }: YamlMap, from: YAMLMap = map): Setting[] {
  const found: Setting[] = [];
  const walk = (node: YAMLMap, prefix: string): void => {
    for (const { key, value } of node.items) {
      const name = prefix + textOf(key);
      if (isMap(value)) walk(value as YAMLMap, `${name}.`);
      else found.push({ key: name, value: textOf(value), ...place(key) });
    }
  };
  walk(from, '');
  return found;
}

/** The node at a path of keys. Undefined where there is none. */
export function nodeAt(map: YAMLMap, path: readonly string[]): unknown {
  let node: unknown = map;
  for (const key of path) {
    if (!isMap(node)) return undefined;
    node = node.items.findLast((pair) => textOf(pair.key) === key)?.value;
  }
  return node;
}

/** What is written, not what YAML makes of it: 1.20 is no number here. */
export function textOf(node: unknown): string {
  if (isScalar(node)) return node.source ?? String(node.value ?? '');
  if (isSeq(node)) return node.items.map(textOf).join(';');
  return isAlias(node) ? `*${node.source}` : '';
}

export const unreadable = (on: string, what: string): FlinchError =>
  new FlinchError('CONFIG_UNREADABLE', {
    what,
    on,
    todo: 'name a config.yaml or flink-conf.yaml of Flink, or the file of a FlinkDeployment',
  });
