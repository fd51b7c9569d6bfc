-- Presets: styles with a name, owned by a workspace; every change kept; links that show one to anybody.

CREATE TABLE presets (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  name text NOT NULL,
  -- The document of shared/style-params.ts.
  style jsonb NOT NULL,
  is_public boolean NOT NULL,
  version integer NOT NULL,
  -- Where it came from, if it was copied from a link.
  copied_from text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX presets_name ON presets (workspace_id, lower(name));
CREATE INDEX presets_updated ON presets (workspace_id, updated_at DESC, id);

CREATE TABLE preset_versions (
  preset_id uuid NOT NULL REFERENCES presets ON DELETE CASCADE,
  version integer NOT NULL,
  name text NOT NULL,
  style jsonb NOT NULL,
  made_by uuid REFERENCES users ON DELETE SET NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (preset_id, version)
);

CREATE TABLE preset_shares (
  slug text PRIMARY KEY,
  preset_id uuid NOT NULL REFERENCES presets ON DELETE CASCADE,
  -- What is shown is what was shared: later changes of the preset are not.
  version integer NOT NULL,
  views bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX preset_shares_preset ON preset_shares (preset_id);
