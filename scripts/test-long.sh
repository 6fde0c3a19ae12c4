#!/usr/bin/env bash
# Tests that take long: many faults and many records on real clusters and brokers, deaths at every step, mutated files,
# and each property on more cases.
set -u
cd "$(dirname "$0")/.."
tests=.compiled/test
node scripts/compile-tests.mjs || exit 1
node "$tests/support/fetch-jars.js" || exit 1

clusters=("$tests"/long/{game-day,job-and-load,attached,cut-commit,reconcile-in-flink,default-timeouts,settings,three-of-each}.test.js)
mapfile -t light < <(find "$tests/long" -name '*.test.js' | sort | grep -vxF "${clusters[@]/#/-e}"; find "$tests/property" -name '*.test.js' | sort)
export FLINCH_EFFORT=8
exec node .compiled/scripts/lanes.js "${clusters[@]/#/--clusters=}" "${light[@]/#/--light=}"
