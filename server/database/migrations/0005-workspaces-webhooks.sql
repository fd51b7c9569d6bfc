-- Workspaces of several people: who is asked in, how much there may be. Webhooks: who is told of jobs, and what became of it.

-- What differs from the configured quotas; null: nothing does.
ALTER TABLE workspaces ADD COLUMN quotas jsonb;

CREATE TABLE workspace_invitations (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  -- As it was written. Whether it has an account is not shown.
  email text NOT NULL,
  -- Whoever had the address when it was invited; an account made later under that address is not meant.
  user_id uuid REFERENCES users ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
  invited_by uuid REFERENCES users ON DELETE SET NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX workspace_invitations_email ON workspace_invitations (workspace_id, lower(email));
CREATE INDEX workspace_invitations_user ON workspace_invitations (user_id);

ALTER TABLE audit_logs ADD COLUMN workspace_id uuid REFERENCES workspaces ON DELETE SET NULL;
CREATE INDEX audit_logs_workspace ON audit_logs (workspace_id, id DESC);

CREATE TABLE webhooks (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  url text NOT NULL,
  -- Key of the signatures; told once, when it is made.
  secret bytea NOT NULL,
  is_active boolean NOT NULL,
  created_by uuid REFERENCES users ON DELETE SET NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX webhooks_workspace ON webhooks (workspace_id, id DESC);

CREATE TABLE webhook_deliveries (
  id uuid PRIMARY KEY,
  webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
  event text NOT NULL,
  -- The very bytes that are signed and sent.
  body text NOT NULL,
  -- dead: given up after the last try, until somebody asks for it again.
  state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
  tries integer NOT NULL,
  -- Not before; while an instance tries, when another may.
  due_at timestamptz NOT NULL,
  last_status integer,
  last_error text,
  created_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id DESC);
