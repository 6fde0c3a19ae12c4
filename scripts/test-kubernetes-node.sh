#!/usr/bin/env bash
# Tests against a real node of Kubernetes, with pods. What is compiled and fetched comes first, as the tests have a network of their own.
set -u
cd "$(dirname "$0")/.."
tests=.compiled/test
npm run -s build || exit 1
node scripts/compile-tests.mjs || exit 1
node "$tests/support/kubernetes/prepare.js" || exit 1
node "$tests/support/kubernetes/node/prepare.js" || exit 1
node "$tests/support/fetch-jars.js" || exit 1

mapfile -t files < <(find "$tests/kubernetes-node" -name '*.test.js' | sort)
# One at a time: a node is all of its network namespace.
exec scripts/in-own-network.sh node .compiled/scripts/lanes.js "${files[@]/#/--alone=}"
