import { CST, Lexer, Parser } from 'yaml';

/** Beyond these the YAML library may take seconds or the stack. */
const LONGEST_TOKEN = 64 * 1024;
const DEEPEST = 40;
const MOST_ALIASES = 50;

const CONTROLS: readonly string[] = [CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR];

/** What is enough for a kind of file, and what to say of one that has more. */
export interface YamlLimits {
  tokens: number;
  tooLarge: string;
  tooDeep: string;
}

export interface YamlExcess {
  offset: number;
  sentence: string;
}

/** Reads the text token by token, without recursion, and stops at the first sign of a bomb. */
export function yamlExcess(text: string, limits: YamlLimits): YamlExcess | undefined {
  const parser = new Parser();
  let offset = 0;
  let tokens = 0;
  let aliases = 0;
  const at = (sentence: string): YamlExcess => ({ offset: Math.min(offset, text.length), sentence });
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    if (++tokens > limits.tokens || lexeme.length > LONGEST_TOKEN) return at(limits.tooLarge);
    if (parser.stack.length > DEEPEST) return at(limits.tooDeep);
    if (CST.tokenType(lexeme) === 'alias' && ++aliases > MOST_ALIASES) {
      return at(`has more than ${MOST_ALIASES} aliases; write the values out`);
    }
    if (!CONTROLS.includes(lexeme)) offset += lexeme.length;
  }
  return undefined;
}
