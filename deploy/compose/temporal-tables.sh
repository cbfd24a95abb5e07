#!/bin/sh
# Temporal's tables: made where there are none, brought up to this release where there are. Safe to repeat.
set -eu
SQL_PASSWORD=$(cat /run/secrets/temporal_database)
export SQL_PASSWORD

for database in temporal temporal_visibility; do
  folder=${database#temporal_}
  sql() { temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" -p "$DB_PORT" -u "$POSTGRES_USER" --db "$database" "$@"; }
  sql create # one that exists is no error to it
  sql setup-schema -v 0.0 || true # nor are tables that exist to us; update-schema says what is wrong
  sql update-schema -d "/etc/temporal/schema/postgresql/v12/$folder/versioned"
done
