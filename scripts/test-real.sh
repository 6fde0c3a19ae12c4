#!/usr/bin/env bash
# Tests on real clusters and brokers. Two files with clusters at a time: they mostly wait for time-outs, but two clusters
# are as many as two cores carry. What needs brokers alone, stand-ins or nothing runs beside them with what they leave of
# the CPU.
# On a machine that is slow or busy all is done one at a time, as bounds on recovery would not hold.
set -u
cd "$(dirname "$0")/.."
node scripts/compile-tests.mjs || exit 1
tests=.compiled/test

# One after the other: two runs of Maven would fetch the same artifacts.
node "$tests/support/fetch-jars.js" || exit 1

# Alone: it leaves the class-data archives behind that all others start from.
first=$tests/cluster/run/flink-1-20.test.js
# The longest begin, so that no lane works alone for long at the end.
long=("$tests"/cluster/run/{kept-cluster,game-day,killed-runner,cut-commit}.test.js "$tests/cluster/reconcile-in-flink.test.js")
crash=$tests/cluster/target/crash.test.js
mapfile -t others < <(find "$tests/cluster" -name '*.test.js' | sort | grep -vxF -e "$first" -e "$crash" "${long[@]/#/-e}")
# The properties of the unit tests among them, each on more cases.
mapfile -t light < <(echo "$crash"; find "$tests/fuzz" "$tests/kafka" -name '*.test.js' | sort; grep -rl support/effort.js "$tests/unit")
run() { node node_modules/mocha/bin/mocha.js --config test/real.mocharc.json "$@"; }

# A fixed loop: about a second on an idle core of 2.5 GHz. The best of three, as a moment says little.
loop='const t = performance.now(); let x = 0; for (let i = 0; i < 1e9; i++) x = (x + i) | 0; console.log(Math.round(performance.now() - t))'
took=$(for _ in 1 2 3; do node -e "$loop"; done | sort -n | head -1)
failed=0
if [ "$took" -gt 3000 ] || [ "$(nproc)" -lt 2 ]; then
  echo "this machine is slow now (a loop of 1 s took $took ms): one file at a time"
  FLINCH_EFFORT=8 run "$first" "${long[@]}" "${others[@]}" "${light[@]}" || failed=1
  exit "$failed"
fi

said=$(mktemp)
trap 'rm -f "$said"; [ -z "${beside-}" ] || kill "$beside" 2>/dev/null' EXIT
FLINCH_EFFORT=8 nice -n 5 node node_modules/mocha/bin/mocha.js --config test/real.mocharc.json "${light[@]}" >"$said" 2>&1 &
beside=$!
run "$first" || failed=1
run --parallel --jobs 2 "${long[@]}" "${others[@]}" || failed=1
wait "$beside" || failed=1
cat "$said"
exit "$failed"
