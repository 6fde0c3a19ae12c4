import { CST, Lexer, Parser } from 'yaml';

/** A scenario needs a few hundred tokens and six levels. Beyond these the YAML library may take seconds or the stack. */
const MOST_TOKENS = 10_000;
const LONGEST_TOKEN = 64 * 1024;
const DEEPEST = 40;
const MOST_ALIASES = 50;

const CONTROLS: readonly string[] = [CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR];

export interface Excess {
  offset: number;
  sentence: string;
}

/** Reads the text token by token, without recursion, and stops at the first sign of a bomb. */
export function excess(text: string): Excess | undefined {
  const parser = new Parser();
  let offset = 0;
  let tokens = 0;
  let aliases = 0;
  const at = (sentence: string): Excess => ({ offset: Math.min(offset, text.length), sentence });
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    if (++tokens > MOST_TOKENS || lexeme.length > LONGEST_TOKEN)
      return at('is far larger than a scenario; split it into files');
    if (parser.stack.length > DEEPEST) return at('is nested too deeply; a scenario needs six levels');
    if (CST.tokenType(lexeme) === 'alias' && ++aliases > MOST_ALIASES) {
      return at(`has more than ${MOST_ALIASES} aliases; write the values out`);
    }
    if (!CONTROLS.includes(lexeme)) offset += lexeme.length;
  }
  return undefined;
}
