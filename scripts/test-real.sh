#!/usr/bin/env bash
# Tests on real clusters, in two lanes side by side: they mostly wait for time-outs, but two clusters are as many as two
# cores carry; on a machine that is slow or busy the lanes follow each other, as bounds on recovery would not hold. The
# first lane has the tests on Kafka brokers alone, and those on one kept cluster.
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

second_lane() { clusters --ignore "$KEPT" --ignore "$FIRST" 'test/cluster/**/*.test.ts'; }

# A fixed loop: about a second on an idle core of 2.5 GHz.
loop='const t = performance.now(); let x = 0; for (let i = 0; i < 1e9; i++) x = (x + i) | 0; console.log(Math.round(performance.now() - t))'
took=$(node -e "$loop")
if [ "$took" -gt 2200 ] || [ "$(nproc)" -lt 2 ]; then
  echo "this machine is slow now (a loop of 1 s took $took ms): one lane after the other"
  first_lane || failed=1
  second_lane || failed=1
  exit "$failed"
fi

log=$(mktemp)
first_lane >"$log" 2>&1 &
lane=$!
trap 'kill "$lane" 2>/dev/null; rm -f "$log"' EXIT
second_lane || failed=1
wait "$lane" || failed=1
cat "$log"
exit "$failed"
