-- Entries of the audit log are named as all else is: by a UUID of version 7 (RFC 9562). Older ones get theirs from their time, and
-- from their number the order of those of one moment.

ALTER TABLE audit_logs ADD COLUMN uuid uuid;
UPDATE audit_logs SET uuid = (
  lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(id % 4096), 3, '0')
  || to_hex(8 + id % 4) || right(replace(gen_random_uuid()::text, '-', ''), 15))::uuid;
-- Its key and the index with it go along.
ALTER TABLE audit_logs DROP COLUMN id;
ALTER TABLE audit_logs RENAME COLUMN uuid TO id;
ALTER TABLE audit_logs ADD PRIMARY KEY (id);
CREATE INDEX audit_logs_workspace ON audit_logs (workspace_id, id DESC);
