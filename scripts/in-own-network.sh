#!/usr/bin/env bash
# Runs a command in a network namespace of its own, where that can be made: a node of Kubernetes and its pods reach each other and the
# command there, and the network of this machine stays as it is. Where none can be made, whoever needs one says so.
set -u
PATH=$PATH:/usr/sbin:/sbin
# Where nothing must be started; the namespace of the first process cannot be read everywhere.
FLINCH_HOST_NETWORK=$(readlink /proc/self/ns/net)
export PATH FLINCH_HOST_NETWORK
inside=()
# shellcheck disable=SC2016
if unshare --net ip link set lo up 2>/dev/null; then inside=(unshare --net sh -c 'ip link set lo up && exec "$@"' sh); fi
exec ${inside[@]+"${inside[@]}"} "$@"
