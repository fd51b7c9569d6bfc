/** The tables as TypeScript sees them. The migrations make them; a test holds the two together. */
import { bigint, boolean, customType, date, doublePrecision, integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { JobFailure, JobOptionsDocument } from '../../shared/api/jobs.ts';
import { BLOB_KINDS } from '../../shared/api/uploads.ts';
import type { Envelope, Pairing } from '../../shared/api/vault.ts';
import { ROLES, type WorkspaceQuotas } from '../../shared/api/workspaces.ts';
import { JOB_STATES } from '../../shared/jobs.ts';
import type { MetricsDocument } from '../../shared/metrics.ts';
import type { StyleParams } from '../../shared/style-params.ts';
import { newId } from '../ids.ts';

const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });
const time = (name: string) => timestamp(name, { withTimezone: true });

export const users = pgTable('users', {
  id: uuid('id').primaryKey(),
  email: text('email').notNull(),
  createdAt: time('created_at').notNull(),
  deletedAt: time('deleted_at'),
});

export const workspaces = pgTable('workspaces', {
  id: uuid('id').primaryKey(),
  name: text('name').notNull(),
  personalOf: uuid('personal_of'),
  quotas: jsonb('quotas').$type<Partial<WorkspaceQuotas>>(),
  createdAt: time('created_at').notNull(),
});

export const memberships = pgTable(
  'memberships',
  {
    workspaceId: uuid('workspace_id').notNull(),
    userId: uuid('user_id').notNull(),
    role: text('role', { enum: ROLES }).notNull(),
    createdAt: time('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.userId] })],
);

export const credentials = pgTable('credentials', {
  id: uuid('id').primaryKey(),
  userId: uuid('user_id').notNull(),
  kind: text('kind', { enum: ['password', 'passkey', 'oidc'] }).notNull(),
  secret: jsonb('secret').notNull(),
  createdAt: time('created_at').notNull(),
  usedAt: time('used_at'),
});

export const sessions = pgTable('sessions', {
  id: uuid('id').primaryKey(),
  userId: uuid('user_id').notNull(),
  device: text('device').notNull(),
  createdAt: time('created_at').notNull(),
  usedAt: time('used_at').notNull(),
  expiresAt: time('expires_at').notNull(),
  revokedAt: time('revoked_at'),
});

export const refreshTokens = pgTable('refresh_tokens', {
  hash: bytes('hash').primaryKey(),
  sessionId: uuid('session_id').notNull(),
  createdAt: time('created_at').notNull(),
  usedAt: time('used_at'),
  successors: integer('successors').notNull().default(0),
});

export const auditLogs = pgTable('audit_logs', {
  /** Of the moment it is written. */
  id: uuid('id').primaryKey().$defaultFn(() => newId(Date.now())),
  at: time('at').notNull(),
  userId: uuid('user_id'),
  action: text('action').notNull(),
  detail: jsonb('detail').notNull(),
  workspaceId: uuid('workspace_id'),
});

export const serverKeys = pgTable('server_keys', {
  name: text('name').primaryKey(),
  secret: bytes('secret').notNull(),
  createdAt: time('created_at').notNull(),
});

export const rateLimits = pgTable('rate_limits', {
  key: text('key').primaryKey(),
  points: integer('points').notNull(),
  expiresAt: time('expires_at').notNull(),
});

export const presets = pgTable('presets', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  name: text('name').notNull(),
  style: jsonb('style').$type<StyleParams>().notNull(),
  isPublic: boolean('is_public').notNull(),
  version: integer('version').notNull(),
  copiedFrom: text('copied_from'),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
});

export const presetVersions = pgTable(
  'preset_versions',
  {
    presetId: uuid('preset_id').notNull(),
    version: integer('version').notNull(),
    name: text('name').notNull(),
    style: jsonb('style').$type<StyleParams>().notNull(),
    madeBy: uuid('made_by'),
    createdAt: time('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.presetId, table.version] })],
);

export const presetShares = pgTable('preset_shares', {
  slug: text('slug').primaryKey(),
  presetId: uuid('preset_id').notNull(),
  version: integer('version').notNull(),
  views: bigint('views', { mode: 'number' }).notNull().default(0),
  createdAt: time('created_at').notNull(),
  revokedAt: time('revoked_at'),
});

/* Passkeys and providers of identity. */

export const challenges = pgTable('challenges', {
  hash: bytes('hash').primaryKey(),
  purpose: text('purpose', { enum: ['passkey-add', 'passkey-enter', 'oidc'] }).notNull(),
  userId: uuid('user_id'),
  detail: jsonb('detail').notNull(),
  expiresAt: time('expires_at').notNull(),
});

/* Vaults. */

export const vaults = pgTable('vaults', {
  id: uuid('id').primaryKey(),
  userId: uuid('user_id').notNull(),
  envelope: jsonb('envelope').$type<Envelope>().notNull(),
  version: integer('version').notNull(),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
});

export const vaultPairings = pgTable(
  'vault_pairings',
  {
    userId: uuid('user_id').notNull(),
    id: text('id').notNull(),
    answer: jsonb('answer').$type<NonNullable<Pairing['answer']>>(),
    sealed: text('sealed'),
    expiresAt: time('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.id] })],
);

/* Blobs. */

/** What a store needs to go on with an upload or to remove it; only the store looks inside. */
export type BlobPlace = Readonly<Record<string, string | number>>;

export const blobs = pgTable('blobs', {
  id: uuid('id').primaryKey(),
  userId: uuid('user_id').notNull(),
  status: text('status', { enum: ['uploading', 'stored'] }).notNull(),
  kind: text('kind', { enum: BLOB_KINDS }).notNull(),
  isEncrypted: boolean('is_encrypted').notNull(),
  contentType: text('content_type').notNull(),
  extension: text('extension'),
  dedupeTag: text('dedupe_tag'),
  sealed: text('sealed'),
  length: bigint('length', { mode: 'number' }),
  received: bigint('received', { mode: 'number' }).notNull(),
  sha256: text('sha256'),
  place: jsonb('place').$type<BlobPlace>().notNull(),
  createdAt: time('created_at').notNull(),
  storedAt: time('stored_at'),
  expiresAt: time('expires_at'),
});

export const blobRemovals = pgTable('blob_removals', {
  id: uuid('id').primaryKey(),
  place: jsonb('place').$type<BlobPlace>().notNull(),
  since: time('since').notNull(),
});

export const leases = pgTable('leases', {
  name: text('name').primaryKey(),
  holder: uuid('holder').notNull(),
  expiresAt: time('expires_at').notNull(),
  isWanted: boolean('is_wanted').notNull(),
});

export const usage = pgTable(
  'usage',
  {
    userId: uuid('user_id').notNull(),
    day: date('day').notNull(),
    calls: bigint('calls', { mode: 'number' }).notNull().default(0),
    seconds: doublePrecision('seconds').notNull().default(0),
    bytes: bigint('bytes', { mode: 'number' }).notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.userId, table.day] })],
);
// Jobs

export const jobs = pgTable('jobs', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  createdBy: uuid('created_by'),
  mode: text('mode', { enum: ['A', 'B'] }).notNull(),
  refKey: text('ref_key'),
  tgtKey: text('tgt_key').notNull(),
  resultKey: text('result_key'),
  vizKeys: jsonb('viz_keys').$type<readonly string[]>().notNull(),
  options: jsonb('options').$type<JobOptionsDocument>().notNull(),
  idempotencyKey: text('idempotency_key').notNull(),
  requestHash: bytes('request_hash').notNull(),
  status: text('status', { enum: JOB_STATES }).notNull(),
  progress: integer('progress').notNull(),
  error: jsonb('error').$type<JobFailure>(),
  change: bigint('change', { mode: 'number' }).notNull(),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
  finishedAt: time('finished_at'),
});

export const jobSegments = pgTable(
  'job_segments',
  {
    jobId: uuid('job_id').notNull(),
    position: integer('position').notNull(),
    firstFrame: bigint('first_frame', { mode: 'number' }).notNull(),
    frames: bigint('frames', { mode: 'number' }).notNull(),
    state: text('state', { enum: ['waiting', 'running', 'done'] }).notNull(),
    updatedAt: time('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.position] })],
);

export const jobMetrics = pgTable('metrics', {
  id: uuid('id').primaryKey(),
  jobId: uuid('job_id').notNull(),
  at: time('at').notNull(),
  measured: jsonb('measured').$type<MetricsDocument>().notNull(),
});

// Workspaces of several people, and webhooks

export const workspaceInvitations = pgTable('workspace_invitations', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  email: text('email').notNull(),
  userId: uuid('user_id'),
  role: text('role', { enum: ROLES }).notNull(),
  invitedBy: uuid('invited_by'),
  createdAt: time('created_at').notNull(),
  expiresAt: time('expires_at').notNull(),
});

export const webhooks = pgTable('webhooks', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  url: text('url').notNull(),
  secret: bytes('secret').notNull(),
  isActive: boolean('is_active').notNull(),
  createdBy: uuid('created_by'),
  createdAt: time('created_at').notNull(),
});

export const webhookDeliveries = pgTable('webhook_deliveries', {
  id: uuid('id').primaryKey(),
  webhookId: uuid('webhook_id').notNull(),
  event: text('event').notNull(),
  body: text('body').notNull(),
  state: text('state', { enum: ['waiting', 'delivered', 'dead'] }).notNull(),
  tries: integer('tries').notNull(),
  dueAt: time('due_at').notNull(),
  lastStatus: integer('last_status'),
  lastError: text('last_error'),
  createdAt: time('created_at').notNull(),
  endedAt: time('ended_at'),
});

// --- The voice studio

export const speechOwners = pgTable('speech_owners', {
  id: uuid('id').primaryKey(),
  userId: uuid('user_id'),
  tokenHash: bytes('token_hash'),
  createdAt: time('created_at').notNull(),
  expiresAt: time('expires_at'),
});

export const files = pgTable('files', {
  id: uuid('id').primaryKey(),
  ownerId: uuid('owner_id').notNull(),
  name: text('name').notNull(),
  contentType: text('content_type', { enum: ['audio/wav', 'audio/mpeg'] }).notNull(),
  bytes: integer('bytes').notNull(),
  seconds: doublePrecision('seconds').notNull(),
  sha256: text('sha256').notNull(),
  sealed: bytes('sealed'),
  providerFile: text('provider_file'),
  place: text('place'),
  createdAt: time('created_at').notNull(),
  expiresAt: time('expires_at').notNull(),
});

export const voices = pgTable('voices', {
  id: uuid('id').primaryKey(),
  ownerId: uuid('owner_id'),
  kind: text('kind', { enum: ['cloned', 'system'] }).notNull(),
  status: text('status', { enum: ['making', 'ready'] }).notNull(),
  name: text('name').notNull(),
  description: text('description').notNull(),
  model: text('model').notNull(),
  models: jsonb('models').$type<readonly string[]>().notNull(),
  language: text('language').notNull(),
  tags: jsonb('tags').$type<readonly string[]>().notNull(),
  isPublic: boolean('is_public').notNull(),
  place: text('place').notNull(),
  providerVoice: text('provider_voice'),
  fileId: uuid('file_id'),
  makingUntil: time('making_until'),
  sampleText: text('sample_text'),
  sampleSealed: bytes('sample_sealed'),
  consentedAt: time('consented_at'),
  calls: bigint('calls', { mode: 'number' }).notNull().default(0),
  seconds: doublePrecision('seconds').notNull().default(0),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
});

export const embeddings = pgTable('embeddings', {
  id: uuid('id').primaryKey(),
  ownerId: uuid('owner_id').notNull(),
  fileId: uuid('file_id'),
  voiceId: uuid('voice_id'),
  version: text('version').notNull(),
  hash: text('hash').notNull(),
  vector: bytes('vector').notNull(),
  createdAt: time('created_at').notNull(),
});

export const ttsRequests = pgTable('tts_requests', {
  id: uuid('id').primaryKey(),
  ownerId: uuid('owner_id').notNull(),
  voiceId: uuid('voice_id'),
  voiceName: text('voice_name'),
  model: text('model').notNull(),
  text: text('text').notNull(),
  cacheKey: text('cache_key').notNull(),
  format: text('format', { enum: ['wav', 'mp3', 'flac', 'opus', 'pcm'] }).notNull(),
  sampleRate: integer('sample_rate').notNull(),
  bytes: integer('bytes').notNull(),
  seconds: doublePrecision('seconds'),
  characters: integer('characters').notNull(),
  isEmulated: boolean('is_emulated').notNull(),
  sealed: bytes('sealed').notNull(),
  createdAt: time('created_at').notNull(),
  expiresAt: time('expires_at').notNull(),
});

export const speechUsage = pgTable(
  'speech_usage',
  {
    ownerId: uuid('owner_id').notNull(),
    day: date('day').notNull(),
    calls: bigint('calls', { mode: 'number' }).notNull().default(0),
    seconds: doublePrecision('seconds').notNull().default(0),
    characters: bigint('characters', { mode: 'number' }).notNull().default(0),
    voices: bigint('voices', { mode: 'number' }).notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.ownerId, table.day] })],
);
