#!/usr/bin/env bash
# Tests against a real Kubernetes, whose binary is compiled the first time (5 min on two cores): a control plane with Flink that elects its
# leaders there, then a node with pods; with `node` that alone. What is fetched comes first, as pods have a network of their own.
set -u
cd "$(dirname "$0")/.."
tests=.compiled/test
npm run -s build || exit 1
node scripts/compile-tests.mjs || exit 1
node "$tests/support/kubernetes/prepare.js" || exit 1
node "$tests/support/kubernetes/node/prepare.js" || exit 1
node "$tests/support/fetch-jars.js" || exit 1

failed=0
if [ "${1:-}" != node ]; then
  mapfile -t clusters < <(find "$tests/kubernetes" -name '*.test.js' | sort)
  node .compiled/scripts/lanes.js "${clusters[@]/#/--clusters=}" || failed=1
fi
mapfile -t nodes < <(find "$tests/kubernetes-node" -name '*.test.js' | sort)
# One at a time: a node is all of its network namespace.
scripts/in-own-network.sh node .compiled/scripts/lanes.js "${nodes[@]/#/--alone=}" || failed=1
exit $failed
