#!/usr/bin/env bash
# Tests against a real control plane of Kubernetes, which is compiled the first time (a quarter of an hour on two cores), and Flink that
# elects its leaders there.
set -u
cd "$(dirname "$0")/.."
tests=.compiled/test
npm run -s build || exit 1
node scripts/compile-tests.mjs || exit 1
node "$tests/support/kubernetes/prepare.js" || exit 1

mapfile -t clusters < <(find "$tests/kubernetes" -name '*.test.js' | sort)
exec node .compiled/scripts/lanes.js "${clusters[@]/#/--clusters=}"
