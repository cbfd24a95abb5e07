#!/bin/sh
# Run once by PostgreSQL's image when its folder is new: the ledger's own role and database, beside Temporal's.
set -eu
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --set=password="$(cat /run/secrets/ledger_database)" <<'SQL'
CREATE ROLE vocloop LOGIN PASSWORD :'password';
CREATE DATABASE vocloop OWNER vocloop ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE vocloop FROM PUBLIC;
SQL
