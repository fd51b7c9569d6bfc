-- Jobs of a workspace as their devices report them, the pieces they are worked on in, and what was measured on their results.

-- Counts changes of jobs, so that a listener who was away asks for what came after the last one it saw.
CREATE SEQUENCE job_changes;

CREATE TABLE jobs (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  -- Whose devices report on it.
  created_by uuid REFERENCES users ON DELETE SET NULL,
  mode text NOT NULL CHECK (mode IN ('A', 'B')),
  -- Names of recordings and stored files, nothing the database follows: audio may be on one device only.
  ref_key text,
  tgt_key text NOT NULL,
  result_key text,
  viz_keys jsonb NOT NULL,
  options jsonb NOT NULL,
  idempotency_key text NOT NULL,
  -- SHA-256 of what was asked for under that key.
  request_hash bytea NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'ANALYZING', 'INVERTING', 'RENDERING', 'COMPLETED', 'FAILED', 'CANCELLED')),
  progress integer NOT NULL CHECK (progress BETWEEN 0 AND 100),
  error jsonb,
  -- Of the latest change, from job_changes. Within a workspace they are given in the order of their commits.
  change bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE UNIQUE INDEX jobs_key ON jobs (workspace_id, idempotency_key);
CREATE INDEX jobs_newest ON jobs (workspace_id, id DESC);
CREATE INDEX jobs_change ON jobs (workspace_id, change);

CREATE TABLE job_segments (
  job_id uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
  position integer NOT NULL,
  first_frame bigint NOT NULL,
  frames bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'running', 'done')),
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (job_id, position)
);

CREATE TABLE metrics (
  id uuid PRIMARY KEY,
  job_id uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
  at timestamptz NOT NULL,
  -- The document of shared/metrics.ts.
  measured jsonb NOT NULL
);
CREATE INDEX metrics_job ON metrics (job_id, id DESC);
