import { InvalidArgumentError } from 'commander';

/** @throws InvalidArgumentError */
export function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65535) throw new InvalidArgumentError('a port is 1 to 65535.');
  return value;
}
