import Mocha from 'mocha';
import { FlinchError, messageOf } from '../../core/error.js';

/** Says nothing: Flinch's own summary is printed beside it. */
export class SilentReporter extends Mocha.reporters.Base {}

/**
 * Lets reporters be written as functions that call `Base.call(this, runner)`: since mocha 12 `Base` is a class, which
 * cannot be called.
 */
export function acceptFunctionReporters(): void {
  const { Base } = Mocha.reporters;
  const callable = new Proxy(Base, {
    apply: (base, self: object, args) => void Object.assign(self, Reflect.construct(base, args)),
  });
  Object.defineProperty(Mocha.reporters, 'Base', { value: callable, configurable: true, enumerable: true });
}

/** @throws FlinchError USAGE when there is no such reporter */
export function checkReporter(name: string): void {
  acceptFunctionReporters();
  try {
    new Mocha().reporter(name);
  } catch (cause) {
    throw new FlinchError('USAGE', {
      what: `${name} is not a mocha reporter: ${messageOf(cause).split('\n')[0]}`,
      todo: `use one of ${Object.keys(Mocha.reporters)
        .filter((known) => known === known.toLowerCase())
        .join(', ')}, or the name of an installed package or file`,
      cause,
    });
  }
}
