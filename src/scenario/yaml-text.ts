import { type Document, LineCounter, parseDocument, type YAMLParseError, type YAMLWarning } from 'yaml';
import { type YamlLimits, yamlExcess } from '../core/yaml-limits.js';
import type { Complaint } from './explain.js';
import { at, locate, type Position, structuralMistakes } from './yaml-nodes.js';

/** A scenario needs a few hundred tokens and six levels. */
const LIMITS: YamlLimits = {
  tokens: 10_000,
  tooLarge: 'is far larger than a scenario; split it into files',
  tooDeep: 'is nested too deeply; a scenario needs six levels',
};
/** One wrong syntax often makes ten errors; more than these are noise. */
const MOST_SYNTAX_ERRORS = 10;

export interface Finding {
  position: Position;
  path: readonly PropertyKey[] | 'yaml';
  sentence: string;
}

/** A YAML text as plain values, with the way back from a path to its position. */
export interface Parsed {
  value: unknown;
  findings: Finding[];
  /** False when the text could not be read as YAML at all: then `value` means nothing. */
  readable: boolean;
  place(complaint: Pick<Complaint, 'path' | 'atKey'>): Position;
}

const WORDS: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document begins here; one file holds one scenario',
  TAB_AS_INDENT: 'a tab is used as indentation; use spaces',
  BLOCK_AS_IMPLICIT_KEY: 'a map begins in the middle of a line; quote the value, or indent it on a line of its own',
  MULTILINE_IMPLICIT_KEY: 'a key spans more than one line; check the indentation and the colons',
  TAG_RESOLVE_FAILED: 'a tag (!...) is used; write plain values',
  BAD_ALIAS: 'an alias or anchor is malformed; write the value out',
};

/** Never throws; what is wrong is in `findings`. */
export function parseYaml(text: string): Parsed {
  const lines = new LineCounter();
  const top: Position = { line: 1, column: 1 };
  const unreadable = (findings: Finding[]): Parsed => ({
    value: undefined,
    findings,
    readable: false,
    place: () => top,
  });

  const tooMuch = yamlExcess(text, LIMITS);
  if (tooMuch)
    return unreadable([{ path: 'yaml', sentence: tooMuch.sentence, position: positionIn(text, tooMuch.offset) }]);

  // Keys written twice are found by structuralMistakes: the library compares each key with each other one.
  const doc: Document.Parsed = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    // Its warnings are findings here, with a position; the library would print them as well.
    logLevel: 'error',
  });
  const syntax = [...doc.errors, ...doc.warnings].map((error) => syntaxFinding(error, lines));
  if (doc.directives.yaml.explicit && doc.directives.yaml.version !== '1.2') {
    syntax.unshift({
      path: 'yaml',
      position: top,
      sentence: 'another version of YAML is asked for; remove the %YAML line',
    });
  }
  if (syntax.length > 0) return unreadable(syntax.slice(0, MOST_SYNTAX_ERRORS));

  const { found: findings, plain } = structuralMistakes(doc, lines);
  if (!plain) return unreadable(findings);
  try {
    const value: unknown = doc.toJS({ maxAliasCount: 100 });
    return { value, findings, readable: true, place: ({ path, atKey }) => locate(doc, lines, path, atKey) };
  } catch {
    // Of an alias without an anchor there is a finding already; the rest are aliases of aliases.
    const bomb: Finding = { path: 'yaml', position: top, sentence: 'its aliases expand too far; write the values out' };
    return unreadable(findings.length > 0 ? findings : [bomb]);
  }
}

function positionIn(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function syntaxFinding(error: YAMLParseError | YAMLWarning, lines: LineCounter): Finding {
  const message = error.message.split('\n')[0] ?? '';
  const sentence = WORDS[error.code] ?? `${message.charAt(0).toLowerCase()}${message.slice(1, 200)}; correct the YAML`;
  return { path: 'yaml', sentence, position: at(lines, error.pos[0]) };
}
