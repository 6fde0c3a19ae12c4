#!/usr/bin/env bash
# Tests against a real node of Kubernetes, with pods. What is compiled and fetched comes first; the tests then run in a network namespace of
# their own, so that control plane, pods and tests reach each other and the network of this machine stays as it is.
set -u
cd "$(dirname "$0")/.."
tests=.compiled/test
node scripts/compile-tests.mjs || exit 1
node "$tests/support/kubernetes/prepare.js" || exit 1
node "$tests/support/kubernetes/node/prepare.js" || exit 1

PATH=$PATH:/usr/sbin:/sbin
# Where the tests must not be; the namespace of the first process cannot be read everywhere.
FLINCH_HOST_NETWORK=$(readlink /proc/self/ns/net)
export PATH FLINCH_HOST_NETWORK
inside=()
# Where none can be made the tests skip, and say so.
# shellcheck disable=SC2016
if unshare --net ip link set lo up 2>/dev/null; then inside=(unshare --net sh -c 'ip link set lo up && exec "$@"' sh); fi
mapfile -t files < <(find "$tests/kubernetes-node" -name '*.test.js' | sort)
# One at a time: a node is all of its network namespace.
exec ${inside[@]+"${inside[@]}"} node .compiled/scripts/lanes.js "${files[@]/#/--alone=}"
