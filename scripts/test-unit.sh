#!/usr/bin/env bash
# Unit tests, with the Node given or that of the path. Four processes for two cores: many tests wait for peers that hang.
# Without the optimizing compiler (test/unit.mocharc.json): its threads took a third of all CPU.
set -eu
cd "$(dirname "$0")/.."
node=${1:-node}
"$node" scripts/compile-tests.mjs
exec "$node" node_modules/mocha/bin/mocha.js --config test/unit.mocharc.json '.compiled/test/unit/**/*.test.js'
