-- Vaults: keys wrapped by other keys that only people have, and the hand-over of one to a new device.

CREATE TABLE vaults (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL UNIQUE REFERENCES users ON DELETE CASCADE,
  -- Of shared/api/vault.ts. Nothing in it can be opened here.
  envelope jsonb NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE TABLE vault_pairings (
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  -- Follows from the code that both devices know.
  id text NOT NULL,
  -- Of the new device: public_key, proof, device. Null until it answers.
  answer jsonb,
  -- The vault key for that public key alone.
  sealed text,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, id)
);
