// Mocha's spec reporter, which shows the sources' lines in the stack of a failure of a compiled test, and adds its totals to the file named by FLINCH_TEST_TOTALS, and each failure to
// `<file>.failures`: CI sums several runs, and tells what failed at its end, where a cut log still shows it.
const fs = require('node:fs');
const { SourceMap } = require('node:module');
const Mocha = require('mocha');

/** What scripts/compile-tests.mjs made, by file, line and column. */
const COMPILED = /(?:file:\/\/)?(\/[^\s()]+\/\.compiled\/[^\s()]+\.js):(\d+):(\d+)/g;

function inSource(stack) {
  return stack.replaceAll(COMPILED, (place, file, line, column) => {
    try {
      const map = new SourceMap(JSON.parse(fs.readFileSync(`${file}.map`, 'utf8')));
      const { originalSource, originalLine, originalColumn } = map.findEntry(line - 1, column - 1);
      return `${originalSource}:${originalLine + 1}:${originalColumn + 1}`;
    } catch {
      return place;
    }
  });
}

class TotalsReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    // The spec reporter prints the stack at the end.
    runner.on('fail', (_test, error) => {
      if (typeof error?.stack === 'string') error.stack = inSource(error.stack);
    });
    const file = process.env.FLINCH_TEST_TOTALS;
    if (!file) return;
    runner.on('fail', (test, error) => {
      const stack = String(error?.stack ?? error)
        .split('\n')
        .slice(0, 25)
        .map((line) => `    ${line.slice(0, 400)}`);
      fs.appendFileSync(`${file}.failures`, `  ${test.fullTitle()}\n${stack.join('\n')}\n`);
    });
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      fs.appendFileSync(file, `${passes} ${failures} ${pending}\n`);
    });
  }
}

module.exports = TotalsReporter;
