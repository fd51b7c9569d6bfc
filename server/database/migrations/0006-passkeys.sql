-- Passkeys and providers of identity: who may be meant by one, and what was asked for and not answered yet.

CREATE UNIQUE INDEX credentials_passkey ON credentials ((secret->>'id')) WHERE kind = 'passkey';
CREATE UNIQUE INDEX credentials_oidc ON credentials ((secret->>'issuer'), (secret->>'subject')) WHERE kind = 'oidc';

-- A question to a browser, answered once or never.
CREATE TABLE challenges (
  -- SHA-256 of what was sent.
  hash bytea PRIMARY KEY,
  purpose text NOT NULL CHECK (purpose IN ('passkey-add', 'passkey-enter', 'oidc')),
  user_id uuid REFERENCES users ON DELETE CASCADE,
  detail jsonb NOT NULL,
  expires_at timestamptz NOT NULL
);
