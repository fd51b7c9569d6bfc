import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_QUOTAS } from '../../shared/api/workspaces.ts';
import { neutralStyle } from '../../shared/style.ts';
import { styleToDocument } from '../../shared/style-document.ts';
import { type ApiCaller, openApiCaller, PASSWORD, type Somebody } from './support/api-caller.ts';

let caller: ApiCaller;
beforeAll(async () => {
  caller = await openApiCaller({ workspaceQuotas: { ...DEFAULT_QUOTAS, members: 3, presets: 1, jobs_per_day: 3 } });
}, 120_000);
afterAll(() => caller.close());

type Row = Record<string, any>;

const aWorkspace = async (owner: Somebody, name = 'Band'): Promise<string> => {
  const { status, json } = await owner.call('POST', '/workspaces', { name });
  expect([status, json['role'], json['personal']]).toEqual([201, 'owner', false]);
  return json['id'] as string;
};

/** Asked in, and gone in. */
async function join(owner: Somebody, id: string, guest: Somebody, role: string): Promise<void> {
  expect((await owner.call('POST', `/workspaces/${id}/invitations`, { email: guest.email.toUpperCase(), role })).status).toBe(201);
  const [invitation] = ((await guest.call('GET', '/invitations')).json['invitations'] as Row[]).filter((row) => row['role'] === role);
  expect(await guest.call('POST', `/invitations/${invitation!['id'] as string}/accept`)).toMatchObject({ status: 200, json: { id, role } });
}

const rolesOf = async (somebody: Somebody, id: string) => ((await somebody.call('GET', `/workspaces/${id}/members`)).json['members'] as Row[]).map(({ email, role }) => [email, role]).sort();

describe('a workspace', () => {
  test('is made, renamed and deleted by its owner; the personal one stays', async () => {
    const ann = await caller.somebody();
    const id = await aWorkspace(ann);
    expect(await ann.call('PATCH', `/workspaces/${id}`, { name: 'Duo' })).toMatchObject({ status: 200, json: { name: 'Duo' } });
    const list = (await ann.call('GET', '/workspaces')).json['workspaces'] as Row[];
    expect(list.map(({ name, personal, role }) => [name, personal, role]).sort()).toEqual([['Duo', false, 'owner'], [ann.email.split('@')[0], true, 'owner']]);
    expect((await ann.call('DELETE', `/workspaces/${id}`)).status).toBe(204);
    expect((await ann.call('GET', `/workspaces/${id}`)).status).toBe(404);
    const personal = list.find((row) => row['personal'])!['id'] as string;
    for (const [method, path] of [['DELETE', `/workspaces/${personal}`], ['POST', `/workspaces/${personal}/leave`], ['DELETE', `/workspaces/${personal}/members/${ann.id}`]] as const) {
      expect(await ann.call(method, path)).toMatchObject({ status: 409, json: { detail: { reason: 'workspace/personal' } } });
    }
  });

  test('has the jobs and presets of all its members, each as their role allows', async () => {
    const [ann, ben, cat] = [await caller.somebody(), await caller.somebody(), await caller.somebody()];
    const id = await aWorkspace(ann);
    await join(ann, id, ben, 'editor');
    await join(ann, id, cat, 'viewer');
    const request = { mode: 'B', ref_key: 'r', tgt_key: 't', idempotency_key: 'x' };
    expect((await ben.call('POST', `/jobs?workspace_id=${id}`, request)).status).toBe(201);
    expect((await cat.call('POST', `/jobs?workspace_id=${id}`, request)).status).toBe(403);
    expect((await cat.call('GET', `/jobs?workspace_id=${id}`)).json['jobs']).toHaveLength(1);
    for (const somebody of [ben, cat]) {
      for (const [method, path, body] of [['PATCH', `/workspaces/${id}`, { name: 'x' }], ['DELETE', `/workspaces/${id}`], ['POST', `/workspaces/${id}/invitations`, { email: 'a@b.example', role: 'viewer' }], ['GET', `/workspaces/${id}/invitations`],
        ['PATCH', `/workspaces/${id}/members/${ann.id}`, { role: 'viewer' }], ['DELETE', `/workspaces/${id}/members/${ann.id}`], ['POST', `/workspaces/${id}/transfer`, { user_id: somebody.id }], ['GET', `/audit?workspace_id=${id}`]] as const) {
        expect([method, path, (await somebody.call(method, path, body)).status]).toEqual([method, path, 403]);
      }
    }
  });

  test('always has an owner', async () => {
    const [ann, ben] = [await caller.somebody(), await caller.somebody()];
    const id = await aWorkspace(ann);
    await join(ann, id, ben, 'editor');
    for (const [method, path, body] of [['POST', `/workspaces/${id}/leave`], ['DELETE', `/workspaces/${id}/members/${ann.id}`], ['PATCH', `/workspaces/${id}/members/${ann.id}`, { role: 'viewer' }]] as const) {
      expect(await ann.call(method, path, body)).toMatchObject({ status: 409, json: { detail: { reason: 'workspace/last-owner' } } });
    }
    await ann.call('PATCH', `/workspaces/${id}/members/${ben.id}`, { role: 'owner' });
    const both = await Promise.all([ann, ben].map((somebody) => somebody.call('POST', `/workspaces/${id}/leave`)));
    expect(both.map(({ status }) => status).sort()).toEqual([204, 409]);
  });

  test('is handed over', async () => {
    const [ann, ben, eve] = [await caller.somebody(), await caller.somebody(), await caller.somebody()];
    const id = await aWorkspace(ann);
    expect((await ann.call('POST', `/workspaces/${id}/transfer`, { user_id: eve.id })).status).toBe(404);
    await join(ann, id, ben, 'viewer');
    expect(await ann.call('POST', `/workspaces/${id}/transfer`, { user_id: ben.id })).toMatchObject({ status: 200, json: { role: 'editor' } });
    expect(await rolesOf(ann, id)).toEqual([[ann.email, 'editor'], [ben.email, 'owner']].sort());
  });

  test('goes on with the member of longest standing when the account of its owner goes; without any it goes too', async () => {
    const [ann, ben, cat] = [await caller.somebody(), await caller.somebody(), await caller.somebody()];
    const [shared, alone] = [await aWorkspace(ann), await aWorkspace(ann, 'Alone')];
    await join(ann, shared, ben, 'viewer');
    caller.nowMs += 1000;
    await join(ann, shared, cat, 'editor');
    await ann.call('DELETE', '/auth/account', { password: PASSWORD });
    expect(await rolesOf(ben, shared)).toEqual([[ben.email, 'viewer'], [cat.email, 'owner']].sort());
    const { workspaces } = await import('../../server/database/schema.ts');
    expect((await caller.database.queries.select({ id: workspaces.id }).from(workspaces)).map((row) => row.id)).not.toContain(alone);
  });

  test('has no room for more members, presets or jobs a day than its quotas say, and says what they are', async () => {
    const [ann, ben, cat, dan] = [await caller.somebody(), await caller.somebody(), await caller.somebody(), await caller.somebody()];
    const id = await aWorkspace(ann);
    await ann.call('POST', `/workspaces/${id}/invitations`, { email: dan.email, role: 'viewer' });
    await join(ann, id, ben, 'viewer');
    await join(ann, id, cat, 'viewer');
    const late = ((await dan.call('GET', '/invitations')).json['invitations'] as Row[])[0]!['id'] as string;
    expect(await dan.call('POST', `/invitations/${late}/accept`)).toMatchObject({ status: 409, json: { detail: { reason: 'workspace/full', most: 3 } } });
    expect((await ann.call('POST', `/workspaces/${id}/invitations`, { email: dan.email, role: 'viewer' })).status).toBe(409);
    for (const [n, status] of [[1, 201], [2, 201], [3, 201], [4, 429]] as const) {
      expect((await ann.call('POST', `/jobs?workspace_id=${id}`, { mode: 'B', ref_key: null, tgt_key: 't', idempotency_key: `${n}` })).status).toBe(status);
    }
    expect((await ann.call('GET', `/workspaces/${id}`)).json).toMatchObject({ quotas: { members: 3, presets: 1, jobs_per_day: 3 }, used: { members: 3, presets: 0, webhooks: 0 } });
    const style_params = styleToDocument(neutralStyle('0'.repeat(64), 'B'));
    const both = await Promise.all(['One', 'Two', 'Three'].map((name) => ann.call('POST', `/presets?workspace_id=${id}`, { name, style_params })));
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
    // One that has more room than others.
    const { workspaces } = await import('../../server/database/schema.ts');
    const { eq } = await import('drizzle-orm');
    await caller.database.queries.update(workspaces).set({ quotas: { members: 4 } }).where(eq(workspaces.id, id));
    expect((await dan.call('POST', `/invitations/${late}/accept`)).status).toBe(200);
  });
});

describe('an invitation', () => {
  test('is answered alike whether the address has an account or none', async () => {
    const [ann, ben] = [await caller.somebody(), await caller.somebody()];
    const id = await aWorkspace(ann);
    const known = await ann.call('POST', `/workspaces/${id}/invitations`, { email: ben.email, role: 'viewer' });
    const unknown = await ann.call('POST', `/workspaces/${id}/invitations`, { email: 'nobody-at-all@example.org', role: 'viewer' });
    const shape = ({ status, json }: typeof known) => [status, Object.keys(json).sort(), json['role'], json['expires_at']];
    expect(shape(unknown)).toEqual(shape(known));
    expect((await ann.call('GET', `/workspaces/${id}/invitations`)).json['invitations']).toHaveLength(2);
  });

  test('is not for an account that is made later under that address', async () => {
    const ann = await caller.somebody();
    const id = await aWorkspace(ann);
    await ann.call('POST', `/workspaces/${id}/invitations`, { email: 'later@example.org', role: 'owner' });
    const { json } = await caller.call('POST', '/auth/register', { email: 'later@example.org', password: PASSWORD });
    expect((await caller.call('GET', '/invitations', undefined, { authorization: `Bearer ${json['access_token'] as string}` })).json['invitations']).toEqual([]);
  });

  test('is whose it is: nobody else sees, takes or declines it', async () => {
    const [ann, ben, eve] = [await caller.somebody(), await caller.somebody(), await caller.somebody()];
    const id = await aWorkspace(ann);
    await ann.call('POST', `/workspaces/${id}/invitations`, { email: ben.email, role: 'editor' });
    const [invitation] = (await ben.call('GET', '/invitations')).json['invitations'] as Row[];
    expect(invitation).toMatchObject({ workspace: 'Band', invited_by: ann.email, role: 'editor' });
    for (const deed of ['accept', 'decline']) expect((await eve.call('POST', `/invitations/${invitation!['id'] as string}/${deed}`)).status).toBe(404);
    expect((await ben.call('POST', `/invitations/${invitation!['id'] as string}/decline`)).status).toBe(204);
    expect((await ben.call('POST', `/invitations/${invitation!['id'] as string}/accept`)).status).toBe(404);
  });

  test('is taken back, is over after two weeks, and changes no role that somebody has', async () => {
    const [ann, ben] = [await caller.somebody(), await caller.somebody()];
    const id = await aWorkspace(ann);
    const ask = async (role: string) => (await ann.call('POST', `/workspaces/${id}/invitations`, { email: ben.email, role })).json['id'] as string;
    await ann.call('DELETE', `/workspaces/${id}/invitations/${await ask('viewer')}`);
    expect((await ben.call('GET', '/invitations')).json['invitations']).toEqual([]);
    await join(ann, id, ben, 'viewer');
    const again = await ask('owner');
    expect((await ben.call('POST', `/invitations/${again}/accept`)).json).toMatchObject({ role: 'viewer' });
    const cat = await caller.somebody();
    await ann.call('POST', `/workspaces/${id}/invitations`, { email: cat.email, role: 'viewer' });
    caller.nowMs += 14 * 24 * 3600 * 1000 + 1;
    const { json } = await caller.call('POST', '/auth/login', { email: cat.email, password: PASSWORD });
    expect((await caller.call('GET', '/invitations', undefined, { authorization: `Bearer ${json['access_token'] as string}` })).json['invitations']).toEqual([]);
  });
});

test('what happened is there for owners to read, newest first, without addresses', async () => {
  const [ann, ben] = [await caller.somebody(), await caller.somebody()];
  const id = await aWorkspace(ann);
  await join(ann, id, ben, 'viewer');
  await ann.call('PATCH', `/workspaces/${id}/members/${ben.id}`, { role: 'editor' });
  const { entries } = (await ann.call('GET', `/audit?workspace_id=${id}`)).json as { entries: Row[] };
  expect(entries.map(({ action }) => action)).toEqual(['member.role', 'member.joined', 'member.invited', 'workspace.made']);
  expect(JSON.stringify(entries)).not.toContain('@');
  await caller.call('POST', '/auth/login', { email: ann.email, password: 'wrong' });
  const own = (await ann.call('GET', '/audit?limit=1')).json as { entries: Row[]; next_cursor: string };
  expect(own.entries).toMatchObject([{ action: 'sign-in.failed', user_id: ann.id }]);
  expect(((await ann.call('GET', `/audit?cursor=${own.next_cursor}`)).json['entries'] as Row[]).map(({ action }) => action)).toEqual(['account.made']);
});
