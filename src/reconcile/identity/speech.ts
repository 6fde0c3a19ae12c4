/** A value as a scenario has it, in one short, printable piece. */
export const shown = (value: unknown): string => {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value);
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
};

/** The sentence for a value that is not what it should be. */
export const notA = (what: string, right: string) => ({
  // A map with a key too many is otherwise what it should be; whoever validates names the key.
  error: ({ code, input }: { code?: string; input?: unknown }) =>
    code === 'unrecognized_keys' ? undefined : `${shown(input)} is not ${what}; write ${right}`,
});
