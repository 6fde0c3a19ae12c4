// Mocha's spec reporter, which also adds its totals to the file named by FLINCH_TEST_TOTALS: CI sums several runs.
const fs = require('node:fs');
const Mocha = require('mocha');

class TotalsReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const file = process.env.FLINCH_TEST_TOTALS;
      const { passes, failures, pending } = runner.stats;
      if (file) fs.appendFileSync(file, `${passes} ${failures} ${pending}\n`);
    });
  }
}

module.exports = TotalsReporter;
