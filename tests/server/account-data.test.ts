/** What is kept about somebody: all of it can be taken away, what was done is written down, and all of it goes with the account. */
import { desc, getTableColumns, getTableName, is, sql } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as schema from '../../server/database/schema.ts';
import { bearer, PASSWORD } from './support/api-caller.ts';
import { type AttackWorld, openAttackWorld } from './support/attack-world.ts';

let world: AttackWorld;
beforeAll(async () => {
  world = await openAttackWorld();
}, 120_000);
afterAll(() => world.close());

const TABLES = Object.values(schema).filter((value) => is(value, PgTable));

/** Not taken away: what proves that somebody is somebody, what is over in minutes, and what is about the program. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  refresh_tokens: 'proof', challenges: 'proof', server_keys: 'proof', vault_pairings: 'minutes', rate_limits: 'minutes',
  leases: 'the program', blob_removals: 'the program', webhook_deliveries: 'what others were sent, for two weeks',
  speech_owners: 'the account under another name', embeddings: 'a print has an address of its own', preset_versions: 'named by its preset and number',
  users: 'the account itself', memberships: 'named by its workspace', usage: 'named by its day', speech_usage: 'named by its day', job_segments: 'named by its job', workspace_invitations: 'those she is asked in by; those she made are their workspace\'s',
};

/** The column that says whose a row is, where it is not the account's own. */
const OWNERS: Readonly<Record<string, string>> = {
  presets: 'workspace_id', webhooks: 'workspace_id', preset_shares: 'preset_id', voices: 'owner_id', files: 'owner_id', tts_requests: 'owner_id', metrics: 'job_id', jobs: 'created_by', workspaces: 'personal_of',
};

test('everything that is hers is in what she takes away, or is left out for a reason', async () => {
  const { caller, ann, hers } = world;
  await ann.call('PATCH', `/jobs/${hers['job']!}`, { status: 'ANALYZING', segments: [{ index: 0, first_frame: 0, frames: 4800, state: 'running' }], metrics: { stft_dist: 0.25, mel_dist: 1, lufs_err: 0, tp_db: -1, artifacts_rate: 0, ltas_error_db: 1, ltas_error_before_db: 2 } });
  const answer = await caller.app.request('/api/auth/export', { headers: bearer(ann.access) });
  const text = await answer.text();
  const found = JSON.parse(text) as Record<string, any>;
  expect([answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual(['application/json', 'no-store']);
  const missing: string[] = [];
  for (const table of TABLES) {
    const name = getTableName(table);
    if (name in LEFT_OUT) continue;
    const key = name === 'preset_shares' ? 'slug' : 'id';
    expect([name, Object.keys(getTableColumns(table))]).toEqual([name, expect.arrayContaining([key])]);
    const owner = OWNERS[name] ?? 'user_id';
    const whose = new Map([['workspace_id', hers['personal']], ['preset_id', hers['preset']], ['job_id', hers['job']]]).get(owner) ?? ann.id;
    const stored = name === 'blobs' ? sql` AND status = 'stored'` : sql``;
    const rows = [...(await caller.database.queries.execute<{ key: string }>(sql`SELECT ${sql.identifier(key)}::text AS key FROM ${table} WHERE ${sql.identifier(owner)} = ${whose}${stored}`))];
    if (rows.length === 0) missing.push(`${name}: she has none`);
    for (const row of rows) if (!text.includes(row.key)) missing.push(`${name} ${row.key}`);
  }
  expect(missing).toEqual([]);
  expect(found['presets']).toMatchObject([{ name: 'Hers', style: expect.any(Object) }]);
  expect(found['preset_versions']).toMatchObject([{ presetId: hers['preset'], version: 1, name: 'Hers' }]);
  expect(found['jobs'].find(({ id }: { id: string }) => id === hers['job'])).toMatchObject({ segments: [{ frames: 4800 }], metrics: [{ measured: { stft_dist: 0.25 } }] });
  expect(found['invitations']).toHaveLength(2);
  // Nobody can sign in, sign or speak as she with it.
  for (const secret of ['$argon2', 'publicKey', 'whsec', 'secret']) expect(text).not.toContain(secret);
});

test('what she shares, takes back, rules, deletes and ends is written down', async () => {
  const { caller, ann, hers } = world;
  const done: readonly (readonly [action: string, method: string, path: string, body?: unknown])[] = [
    ['preset.unshared', 'DELETE', `/shares/${hers['otherSlug']!}`], ['preset.shared', 'POST', `/presets/${hers['preset']!}/share`], ['blob.shared', 'POST', `/blobs/${hers['blob']!}/url`, { seconds: 60 }],
    ['workspace.renamed', 'PATCH', `/workspaces/${hers['workspace']!}`, { name: 'Trio' }], ['invitation.revoked', 'DELETE', `/workspaces/${hers['workspace']!}/invitations/${hers['invitation']!}`],
    ['member.role', 'PATCH', `/workspaces/${hers['workspace']!}/members/${hers['member']!}`, { role: 'viewer' }],
    ['webhook.changed', 'PATCH', `/webhooks/${hers['hook']!}`, { url: 'https://example.com/hook' }], ['webhook.deleted', 'DELETE', `/webhooks/${hers['hook']!}`],
    ['blob.deleted', 'DELETE', `/blobs/${hers['blob']!}`], ['preset.deleted', 'DELETE', `/presets/${hers['preset']!}`], ['passkey.removed', 'DELETE', `/auth/passkeys/${hers['passkey']!}`], ['vault.destroyed', 'DELETE', '/vault'],
    ['session.ended', 'DELETE', `/auth/sessions/${hers['session']!}`], ['sign-out', 'POST', '/auth/logout', { refresh_token: hers['logout'] }], ['sessions.ended', 'DELETE', '/auth/sessions'],
  ];
  for (const [action, method, path, body] of done) {
    expect([action, (await ann.call(method, path, body)).status]).toEqual([action, expect.toBeOneOf([200, 201, 204])]);
    const [last] = await caller.database.queries.select().from(schema.auditLogs).orderBy(desc(schema.auditLogs.id)).limit(1);
    expect([action, last?.action, last?.userId]).toEqual([action, action, ann.id]);
  }
});

test('nothing names her any more when her account is gone', async () => {
  const { caller, ann, hers } = world;
  // What is counted of her, and what a workspace that goes on remembers of its members.
  await caller.call('POST', '/auth/login', { email: ann.email, password: 'wrong' });
  await ann.call('PATCH', `/workspaces/${hers['workspace']!}/members/${world.ben.id}`, { role: 'owner' });
  await world.ben.call('PATCH', `/workspaces/${hers['workspace']!}/members/${ann.id}`, { role: 'editor' });
  expect((await caller.call('DELETE', '/auth/account', { password: PASSWORD }, bearer(ann.access))).status).toBe(204);
  const found: string[] = [];
  for (const table of TABLES) {
    const rows = await caller.database.queries.execute<{ row: string }>(sql`SELECT t::text AS row FROM ${table} t`);
    for (const { row } of rows) if (row.includes(ann.id) || row.includes(ann.email) || row.includes(hers['personal']!)) found.push(`${getTableName(table)}: ${row}`);
  }
  expect(found).toEqual([]);
});
