/**
 * A JSON object; undefined when the text is none. One with an escape is none of ours, and JSON.parse of Node 24 may
 * take an escaped key for another.
 */
export function parseObject(text: string): Record<string, unknown> | undefined {
  if (text.includes('\\')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
