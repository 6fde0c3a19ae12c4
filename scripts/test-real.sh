#!/usr/bin/env bash
# Tests on real clusters and brokers: what `npm test` has beside the quick ones.
set -u
cd "$(dirname "$0")/.."
tests=.compiled/test
node scripts/compile-tests.mjs || exit 1
# One after the other: two runs of Maven would fetch the same artifacts.
node "$tests/support/fetch-jars.js" || exit 1

# Alone: it leaves the class-data archives behind that all others start from.
alone=("$tests/cluster/run/flink-1-20.test.js")
# The longest begin, so that no lane works alone for long at the end.
long=("$tests"/cluster/run/{kept-cluster,kept-cluster-trouble,killed-runner,flink-2-3}.test.js)
mapfile -t others < <(find "$tests/cluster" -name '*.test.js' | sort | grep -vxF "${alone[@]/#/-e}" "${long[@]/#/-e}")
mapfile -t light < <(find "$tests/kafka" -name '*.test.js' | sort)
exec node .compiled/scripts/lanes.js "${alone[@]/#/--alone=}" "${long[@]/#/--clusters=}" "${others[@]/#/--clusters=}" "${light[@]/#/--light=}"
