#!/bin/sh
# Secrets come as files, one each, named like the variable they become: a variable in a container's definition would show
# in every listing of it. What stands in the environment already wins.
set -eu

for file in "${SECRETS_FOLDER:-/run/secrets}"/VOCLOOP_* "${SECRETS_FOLDER:-/run/secrets}"/TEMPORAL_*; do
  name=${file##*/}
  if [ -f "$file" ] && ! printenv "$name" >/dev/null; then
    value=$(cat "$file")
    export "$name=$value"
  fi
done

# The Worker Controller names a version in its own words.
if [ -n "${TEMPORAL_WORKER_BUILD_ID:-}" ]; then
  export VOCLOOP_DEPLOYMENT="${VOCLOOP_DEPLOYMENT:-$TEMPORAL_DEPLOYMENT_NAME}"
  export VOCLOOP_BUILD_ID="${VOCLOOP_BUILD_ID:-$TEMPORAL_WORKER_BUILD_ID}"
fi

# A pod's folder outlives its container: what the last one left would say that this one is ready.
rm -f "${VOCLOOP_HOME:-.vocloop}/worker.ready"

exec "$@"
