#!/usr/bin/env bash
# Tests against a real Kubernetes, whose binary is compiled the first time (5 min on two cores): nodes with pods, and a control plane with
# Flink that elects its leaders there; with `node` the former alone. What is fetched comes first, as pods have a network of their own.
set -u
cd "$(dirname "$0")/.."
tests=.compiled/test
npm run -s build || exit 1
node scripts/compile-tests.mjs || exit 1
node "$tests/support/kubernetes/prepare.js" || exit 1
node "$tests/support/kubernetes/node/prepare.js" || exit 1
node "$tests/support/fetch-jars.js" || exit 1

# The longest begin, so that no lane works alone for long at the end.
nodes=("$tests"/kubernetes-node/{deaths,operator,run,network-policy,run-forwarded}.test.js)
mapfile -t others < <(find "$tests/kubernetes-node" -name '*.test.js' | sort | grep -vxF "${nodes[@]/#/-e}")
clusters=()
[ "${1:-}" = node ] || mapfile -t clusters < <(find "$tests/kubernetes" -name '*.test.js' | sort)
exec node .compiled/scripts/lanes.js "${nodes[@]/#/--nodes=}" "${others[@]/#/--nodes=}" ${clusters[@]+"${clusters[@]/#/--clusters=}"}
