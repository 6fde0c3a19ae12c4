/**
 * What JSON.parse should give. V8 13 (Node 24.21) now and then takes an escaped key for another one after it has parsed
 * many objects of like shape: `{"a":{"id":1},"\u0061":{"id":2}}` became `{"a":{"id":1},"\\":{"id":2}}`. Keys are
 * therefore parsed one by one here. @throws SyntaxError
 */
export function naiveJson(text: string): unknown {
  JSON.parse(text);
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs) ?? [];
  let at = 0;
  const value = (): unknown => {
    const token = tokens[at++] ?? '';
    if (token === '[') {
      const list: unknown[] = [];
      while (tokens[at] !== ']') {
        list.push(value());
        if (tokens[at] === ',') at++;
      }
      at++;
      return list;
    }
    if (token !== '{') return JSON.parse(token);
    const object: Record<string, unknown> = {};
    while (tokens[at] !== '}') {
      const key = JSON.parse(tokens[at] ?? '') as string;
      at += 2;
      Object.defineProperty(object, key, { value: value(), enumerable: true, configurable: true, writable: true });
      if (tokens[at] === ',') at++;
    }
    at++;
    return object;
  };
  return value();
}
