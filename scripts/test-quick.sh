#!/usr/bin/env bash
# test-quick.sh CLASS [NODE]: the tests of test/CLASS (unit, property), with the Node given or that of the path. Four
# processes for two cores: many tests wait for peers that hang.
# Without the optimizing compiler (test/quick.mocharc.json): its threads took a third of all CPU.
set -eu
cd "$(dirname "$0")/.."
class=$1
node=${2:-node}
"$node" scripts/compile-tests.mjs
exec "$node" node_modules/mocha/bin/mocha.js --config test/quick.mocharc.json ".compiled/test/$class/**/*.test.js"
