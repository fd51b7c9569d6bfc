-- What people store: uploads under way and what became of them, leases that instances hold, and how much was used.

CREATE TABLE blobs (
  -- Also the name of its bytes in the folder or bucket; of the upload, too.
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  status text NOT NULL CHECK (status IN ('uploading', 'stored')),
  kind text NOT NULL CHECK (kind IN ('recording', 'result', 'features', 'take', 'intermediate', 'audio')),
  is_encrypted boolean NOT NULL,
  content_type text NOT NULL,
  -- Of the name that a download gets.
  extension text,
  dedupe_tag text,
  sealed text,
  -- Null while it is not known yet.
  length bigint CHECK (length >= 0),
  -- On the disk or in the bucket, and never less again.
  received bigint NOT NULL CHECK (received >= 0),
  -- What was said beforehand, then what was found.
  sha256 text,
  -- What the store needs to go on or to remove it.
  place jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  stored_at timestamptz,
  -- When it is removed: an upload that nobody goes on with, a blob of a kind that is not kept for ever.
  expires_at timestamptz,
  CHECK (status = 'uploading' OR (stored_at IS NOT NULL AND sha256 IS NOT NULL AND length = received))
);
CREATE INDEX blobs_user ON blobs (user_id, stored_at DESC, id);
CREATE UNIQUE INDEX blobs_dedupe ON blobs (user_id, dedupe_tag) WHERE status = 'stored' AND dedupe_tag IS NOT NULL;
CREATE INDEX blobs_expiry ON blobs (expires_at) WHERE expires_at IS NOT NULL;

-- Bytes whose row is gone. Written by the database itself, whoever deleted the row: a request, an expiry, an account's end.
CREATE TABLE blob_removals (
  id uuid PRIMARY KEY,
  place jsonb NOT NULL,
  since timestamptz NOT NULL
);
CREATE FUNCTION remember_blob_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO blob_removals (id, place, since) VALUES (OLD.id, OLD.place, now()) ON CONFLICT (id) DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER blobs_removed AFTER DELETE ON blobs FOR EACH ROW EXECUTE FUNCTION remember_blob_removal();

-- Held by one instance at a time, until it lets go or does not renew.
CREATE TABLE leases (
  name text PRIMARY KEY,
  holder uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  -- Somebody else waits for it.
  is_wanted boolean NOT NULL
);

-- Per person and day, for quotas and bills.
CREATE TABLE usage (
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  day date NOT NULL,
  calls bigint NOT NULL DEFAULT 0,
  seconds double precision NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id, day)
);
