#!/usr/bin/env bash
# Tests on real clusters, side by side, since they mostly wait for time-outs: two lanes of Flink clusters, and the tests
# on Kafka brokers alone, which give way to them, since nothing that those check is about time.
set -u
cd "$(dirname "$0")/.."

# One after the other: two runs of Maven would fetch the same artifacts.
npx tsx test/support/fetch-jars.ts || exit 1

logs=$(mktemp -d)
lanes=()
lane() {
  local log=$logs/${#lanes[@]}
  "$@" >"$log" 2>&1 &
  lanes+=($!)
}
trap 'kill "${lanes[@]}" 2>/dev/null; rm -rf "$logs"' EXIT
KEPT=test/cluster/run/kept-cluster.test.ts

lane npx mocha --config test/cluster.mocharc.json "$KEPT"
lane npx mocha --config test/cluster.mocharc.json --ignore "$KEPT" 'test/cluster/**/*.test.ts'
lane nice -n 10 npm run -s test:kafka

failed=0
for i in "${!lanes[@]}"; do
  wait "${lanes[$i]}" || failed=1
  cat "$logs/$i"
done
exit "$failed"
