#!/bin/sh
# Secrets for compose.yaml, each made once; one that is there is left alone. The last two are for `--profile watch`.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets

make() {
  [ -e "secrets/$1" ] || { printf %s "$2" >"secrets/$1" && chmod 0444 "secrets/$1"; }
}
chance() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

make temporal_database "$(chance)"
make ledger_database "$(chance)"
make VOCLOOP_DATABASE_URL "postgresql+asyncpg://vocloop:$(cat secrets/ledger_database)@postgresql/vocloop"
make VOCLOOP_SECRET_KEY "$(chance)"
# Payloads are sealed by it: what it sealed nobody opens without it.
make VOCLOOP_PAYLOAD_KEYS "k1:$(head -c 32 /dev/urandom | base64 | tr -d '\n')"
make grafana_password "$(chance)"
make prometheus_key "" # README.md: the key that may read
