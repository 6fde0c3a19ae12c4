#!/usr/bin/env bash
# Unit tests in two processes: those of the client room mostly wait for peers that hang, and share no file with others.
set -u
cd "$(dirname "$0")/.."
run() { npx mocha --config test/unit.mocharc.json "$@"; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
run --ignore 'test/unit/client/**' 'test/unit/**/*.test.ts' >"$log" 2>&1 &
others=$!
run 'test/unit/client/**/*.test.ts'
clients=$?
wait "$others"
rest=$?
cat "$log"
[ "$clients" -eq 0 ] && [ "$rest" -eq 0 ]
