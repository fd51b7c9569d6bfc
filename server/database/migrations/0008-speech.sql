-- The voice studio: whose things they are (people with an account, and guests), samples, voices, voice prints, what was spoken.

-- An account's id is its own here; a guest is known by the hash of a cookie until it expires.
CREATE TABLE speech_owners (
  id uuid PRIMARY KEY,
  user_id uuid UNIQUE REFERENCES users ON DELETE CASCADE,
  token_hash bytea UNIQUE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  CHECK ((user_id = id AND token_hash IS NULL AND expires_at IS NULL) OR (user_id IS NULL AND token_hash IS NOT NULL AND expires_at IS NOT NULL))
);
CREATE INDEX speech_owners_expiry ON speech_owners (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE files (
  id uuid PRIMARY KEY,
  owner_id uuid NOT NULL REFERENCES speech_owners ON DELETE CASCADE,
  name text NOT NULL,
  content_type text NOT NULL CHECK (content_type IN ('audio/wav', 'audio/mpeg')),
  bytes integer NOT NULL,
  seconds double precision NOT NULL,
  sha256 text NOT NULL,
  -- Encrypted; null once it was used or has expired. The row stays while a voice was made of it, so that no voice is paid twice.
  sealed bytea,
  -- The provider's copy, while there is one, and where that is.
  provider_file text,
  place text,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  UNIQUE (owner_id, sha256)
);
CREATE INDEX files_expiry ON files (expires_at) WHERE sealed IS NOT NULL;

CREATE TABLE voices (
  id uuid PRIMARY KEY,
  -- Null: the provider's own.
  owner_id uuid REFERENCES speech_owners ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('cloned', 'system')),
  status text NOT NULL CHECK (status IN ('making', 'ready')),
  name text NOT NULL,
  description text NOT NULL,
  model text NOT NULL,
  models jsonb NOT NULL,
  language text NOT NULL,
  tags jsonb NOT NULL,
  is_public boolean NOT NULL,
  -- Which provider and region knows it, and by what name there.
  place text NOT NULL,
  provider_voice text,
  file_id uuid REFERENCES files ON DELETE SET NULL,
  -- Since when somebody is paying for it, and when that has to be over.
  making_until timestamptz,
  sample_text text,
  sample_sealed bytea,
  -- When it was said that the speaker agrees.
  consented_at timestamptz,
  calls bigint NOT NULL DEFAULT 0,
  seconds double precision NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (kind = 'system' OR (owner_id IS NOT NULL AND consented_at IS NOT NULL)),
  CHECK (status = 'making' OR provider_voice IS NOT NULL)
);
-- One voice of a sample and model.
CREATE UNIQUE INDEX voices_made ON voices (file_id, model, place) WHERE file_id IS NOT NULL;
CREATE UNIQUE INDEX voices_system ON voices (place, provider_voice) WHERE kind = 'system';
CREATE INDEX voices_owner ON voices (owner_id, created_at DESC, id);
CREATE INDEX voices_public ON voices (created_at DESC, id) WHERE is_public;

CREATE TABLE embeddings (
  id uuid PRIMARY KEY,
  owner_id uuid NOT NULL REFERENCES speech_owners ON DELETE CASCADE,
  file_id uuid UNIQUE REFERENCES files ON DELETE CASCADE,
  voice_id uuid UNIQUE REFERENCES voices ON DELETE CASCADE,
  version text NOT NULL,
  hash text NOT NULL,
  -- 32-bit floats, little-endian.
  vector bytea NOT NULL,
  created_at timestamptz NOT NULL,
  CHECK (num_nonnulls(file_id, voice_id) = 1)
);
CREATE INDEX embeddings_version ON embeddings (version) WHERE voice_id IS NOT NULL;

CREATE TABLE tts_requests (
  id uuid PRIMARY KEY,
  owner_id uuid NOT NULL REFERENCES speech_owners ON DELETE CASCADE,
  -- Null: the preview of a sample, or the voice is gone.
  voice_id uuid REFERENCES voices ON DELETE SET NULL,
  voice_name text,
  model text NOT NULL,
  text text NOT NULL,
  -- SHA-256 of everything that makes the sound what it is.
  cache_key text NOT NULL,
  format text NOT NULL,
  sample_rate integer NOT NULL,
  bytes integer NOT NULL,
  seconds double precision,
  characters integer NOT NULL,
  is_emulated boolean NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  UNIQUE (owner_id, cache_key)
);
CREATE INDEX tts_requests_owner ON tts_requests (owner_id, created_at DESC, id);
CREATE INDEX tts_requests_expiry ON tts_requests (expires_at);

-- What was used on a day of UTC.
CREATE TABLE speech_usage (
  owner_id uuid NOT NULL REFERENCES speech_owners ON DELETE CASCADE,
  day date NOT NULL,
  calls bigint NOT NULL DEFAULT 0,
  seconds double precision NOT NULL DEFAULT 0,
  characters bigint NOT NULL DEFAULT 0,
  voices bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (owner_id, day)
);
