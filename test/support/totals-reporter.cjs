// Mocha's spec reporter, which also adds its totals to the file named by FLINCH_TEST_TOTALS, and each failure to
// `<file>.failures`: CI sums several runs, and tells what failed at its end, where a cut log still shows it.
const fs = require('node:fs');
const Mocha = require('mocha');

class TotalsReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
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
