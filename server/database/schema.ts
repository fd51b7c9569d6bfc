/** The tables as TypeScript sees them. The migrations make them; a test holds the two together. */
import { bigint, boolean, customType, date, doublePrecision, integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { StyleParams } from '../../shared/style-params.ts';

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
  createdAt: time('created_at').notNull(),
});

export const memberships = pgTable(
  'memberships',
  {
    workspaceId: uuid('workspace_id').notNull(),
    userId: uuid('user_id').notNull(),
    role: text('role', { enum: ['owner', 'editor', 'viewer'] }).notNull(),
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
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  at: time('at').notNull(),
  userId: uuid('user_id'),
  action: text('action').notNull(),
  detail: jsonb('detail').notNull(),
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
