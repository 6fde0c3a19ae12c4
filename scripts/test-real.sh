#!/usr/bin/env bash
# Tests on real clusters, in two lanes side by side: they mostly wait for time-outs, but two clusters are as many as two
# cores carry. The first lane has the tests on Kafka brokers alone, and those on one kept cluster.
set -u
cd "$(dirname "$0")/.."

# One after the other: two runs of Maven would fetch the same artifacts.
npx tsx test/support/fetch-jars.ts || exit 1

KEPT=test/cluster/run/kept-cluster.test.ts
FIRST=test/cluster/target/local-cluster.test.ts
clusters() { npx mocha --config test/cluster.mocharc.json "$@"; }
first_lane() {
  local failed=0
  npm run -s test:kafka || failed=1
  clusters "$KEPT" || failed=1
  return "$failed"
}

failed=0
# Alone: it leaves the class-data archives behind that all others start from.
clusters "$FIRST" || failed=1

log=$(mktemp)
first_lane >"$log" 2>&1 &
lane=$!
trap 'kill "$lane" 2>/dev/null; rm -f "$log"' EXIT
clusters --ignore "$KEPT" --ignore "$FIRST" 'test/cluster/**/*.test.ts' || failed=1
wait "$lane" || failed=1
cat "$log"
exit "$failed"
