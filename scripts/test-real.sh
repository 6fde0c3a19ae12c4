#!/usr/bin/env bash
# Tests on Flink clusters and tests on Kafka brokers alone, side by side: the former mostly wait for time-outs. The
# latter give way to them, since nothing that they check is about time.
set -u
cd "$(dirname "$0")/.."

# One after the other: two runs of Maven would fetch the same artifacts.
npx tsx test/support/fetch-jars.ts || exit 1

log=$(mktemp)
nice -n 10 npm run -s test:kafka >"$log" 2>&1 &
kafka=$!
trap 'kill "$kafka" 2>/dev/null; rm -f "$log"' EXIT
npm run -s test:cluster
clusters=$?
wait "$kafka"
brokers=$?
cat "$log"
[ "$clusters" -eq 0 ] && [ "$brokers" -eq 0 ]
