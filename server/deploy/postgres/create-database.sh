#!/bin/sh
# Run once by the image of PostgreSQL, on an empty volume; by hand: PGHOST=... PGUSER=postgres DATABASE_PASSWORD=... sh create-database.sh
# The database belongs to a role that signs in nowhere. Those that do belong to it, so that one can come before another goes.
set -eu
: "${DATABASE_PASSWORD:?is needed}"
psql -v ON_ERROR_STOP=1 -v name="${DATABASE_USER:-tonetwin_1}" -v password="$DATABASE_PASSWORD" --username "${PGUSER:-postgres}" --dbname postgres <<'END'
CREATE ROLE tonetwin NOLOGIN;
CREATE ROLE :"name" LOGIN PASSWORD :'password' IN ROLE tonetwin;
ALTER ROLE :"name" SET role TO tonetwin;
CREATE DATABASE tonetwin OWNER tonetwin;
END
