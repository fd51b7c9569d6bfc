import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiCaller, openApiCaller, type Somebody } from './support/api-caller.ts';

let caller: ApiCaller;
beforeAll(async () => {
  caller = await openApiCaller();
}, 120_000);
afterAll(() => caller.close());

const aRequest = (key: string, rest: Record<string, unknown> = {}) => ({ mode: 'B', ref_key: 'reference-1', tgt_key: 'target-1', idempotency_key: key, ...rest });
const METRICS = { stft_dist: 0.4, mel_dist: 2.5, lufs_err: 0.1, tp_db: -1.02, artifacts_rate: 0, ltas_error_db: 0.8, ltas_error_before_db: 4.2 };

async function aJob(somebody: Somebody, key: string = crypto.randomUUID()): Promise<string> {
  const { status, json } = await somebody.call('POST', '/jobs', aRequest(key));
  expect(status).toBe(201);
  return json['job_id'] as string;
}

const moved = async (somebody: Somebody, id: string, ...states: string[]) => {
  for (const status of states) expect(await somebody.call('PATCH', `/jobs/${id}`, { status })).toMatchObject({ status: 200, json: { status } });
};

describe('a job', () => {
  test('is recorded as it was asked for, waiting', async () => {
    const ann = await caller.somebody();
    const id = await aJob(ann);
    const { json } = await ann.call('GET', `/jobs/${id}`);
    expect(json).toMatchObject({ id, mode: 'B', ref_key: 'reference-1', tgt_key: 'target-1', opts: { pitch: false, ceiling_dbtp: -1, residual_fir: false }, status: 'PENDING', progress: 0, segments: [], metrics_history: [] });
    for (const missing of ['download_url', 'viz_urls', 'metrics', 'error']) expect(json).not.toHaveProperty(missing);
  });

  test('of the same key is the same job; other words under that key are refused; another workspace has keys of its own', async () => {
    const [ann, ben] = [await caller.somebody(), await caller.somebody()];
    const id = await aJob(ann, 'once');
    expect(await aJob(ann, 'once')).toBe(id);
    expect(await ann.call('POST', '/jobs', aRequest('once', { opts: {} }))).toMatchObject({ status: 201, json: { job_id: id } });
    for (const other of [{ mode: 'A' }, { tgt_key: 'target-2' }, { ref_key: null }, { opts: { pitch: true } }]) {
      expect(await ann.call('POST', '/jobs', aRequest('once', other))).toMatchObject({ status: 409, json: { code: 'CONFLICT', detail: { reason: 'job/key-reused' } } });
    }
    expect(await aJob(ben, 'once')).not.toBe(id);
  });

  test('asked for by many at once is one', async () => {
    const ann = await caller.somebody();
    const ids = await Promise.all(Array.from({ length: 8 }, () => aJob(ann, 'all-at-once')));
    expect(new Set(ids).size).toBe(1);
  });

  test.each([
    ['no mode', { mode: 'C' }], ['a path for a key', { tgt_key: '../secret' }], ['a key with a line break', { idempotency_key: 'a\nb' }], ['a ceiling over full scale', { opts: { ceiling_dbtp: 1 } }],
  ])('is refused with %s', async (_what, wrong) => {
    const ann = await caller.somebody();
    expect(await ann.call('POST', '/jobs', aRequest('wrong', wrong))).toMatchObject({ status: 422, json: { code: 'INVALID_INPUT' } });
  });

  test('goes through its stages as its device reports, and has what was measured', async () => {
    const ann = await caller.somebody();
    const id = await aJob(ann);
    await moved(ann, id, 'ANALYZING', 'INVERTING', 'RENDERING');
    const segments = [{ index: 0, first_frame: 0, frames: 480_000, state: 'done' }, { index: 1, first_frame: 480_000, frames: 1000, state: 'running' }];
    expect(await ann.call('PATCH', `/jobs/${id}`, { progress: 70, segments })).toMatchObject({ status: 200, json: { progress: 70 } });
    await ann.call('PATCH', `/jobs/${id}`, { segments: [{ ...segments[1], state: 'done' }] });
    await ann.call('PATCH', `/jobs/${id}`, { status: 'COMPLETED', metrics: METRICS, result_key: 'result-1' });
    caller.nowMs += 1000;
    await ann.call('PATCH', `/jobs/${id}`, { metrics: { ...METRICS, stft_dist: 0.3 } });
    const { json } = await ann.call('GET', `/jobs/${id}`);
    expect(json).toMatchObject({ status: 'COMPLETED', progress: 100, metrics: { ...METRICS, stft_dist: 0.3 } });
    expect((json['segments'] as { state: string }[]).map(({ state }) => state)).toEqual(['done', 'done']);
    expect((json['metrics_history'] as { stft_dist: number }[]).map(({ stft_dist }) => stft_dist)).toEqual([0.3, 0.4]);
    expect(Date.parse(json['updated_at'] as string)).toBe(caller.nowMs);
  });

  test('makes no step that a job does not make', async () => {
    const ann = await caller.somebody();
    const id = await aJob(ann);
    for (const status of ['INVERTING', 'COMPLETED', 'FAILED']) {
      expect(await ann.call('PATCH', `/jobs/${id}`, { status, progress: 99 })).toMatchObject({ status: 409, json: { code: 'CONFLICT', detail: { reason: 'job/no-such-step', from: 'PENDING', to: status } } });
    }
    expect((await ann.call('POST', `/jobs/${id}/retry`)).status).toBe(409);
    await moved(ann, id, 'CANCELLED');
    expect((await ann.call('PATCH', `/jobs/${id}`, { status: 'ANALYZING' })).status).toBe(409);
    expect((await ann.call('GET', `/jobs/${id}`)).json).toMatchObject({ status: 'CANCELLED', progress: 0 });
  });

  test('that failed says why, and can be asked for again', async () => {
    const ann = await caller.somebody();
    const id = await aJob(ann);
    await moved(ann, id, 'ANALYZING');
    const failed = await ann.call('PATCH', `/jobs/${id}`, { status: 'FAILED', error: { reason: 'audio/too-short', args: { seconds: 0.2, minimum: 0.4 } } });
    expect(failed.json).toMatchObject({ status: 'FAILED', error: { code: 'INVALID_INPUT', message: 'The recording is 0.2 s long; at least 0.4 s are needed.', detail: { reason: 'audio/too-short', seconds: 0.2 } } });
    const again = await ann.call('POST', `/jobs/${id}/retry`);
    expect(again).toMatchObject({ status: 200, json: { status: 'PENDING', progress: 0 } });
    expect(again.json).not.toHaveProperty('error');
    await moved(ann, id, 'ANALYZING', 'INVERTING', 'RENDERING', 'COMPLETED');
    expect((await ann.call('POST', `/jobs/${id}/retry`)).status).toBe(409);
  });

  test('reported on by two at once makes one step after the other', async () => {
    const ann = await caller.somebody();
    const id = await aJob(ann);
    await moved(ann, id, 'ANALYZING', 'INVERTING', 'RENDERING');
    const both = await Promise.all(['COMPLETED', 'CANCELLED'].map((status) => ann.call('PATCH', `/jobs/${id}`, { status })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

test('a list has the newest first, in pages, of one state where asked', async () => {
  const ann = await caller.somebody();
  const ids: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    caller.nowMs += 1000;
    ids.push(await aJob(ann));
  }
  await moved(ann, ids[1]!, 'CANCELLED');
  const found: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { json } = await ann.call('GET', `/jobs?limit=2${cursor === '' ? '' : `&cursor=${cursor as string}`}`);
    found.push(...(json['jobs'] as { id: string }[]).map(({ id }) => id));
    cursor = json['next_cursor'] as string | null;
  }
  expect(found).toEqual(ids.toReversed());
  expect(((await ann.call('GET', '/jobs?status=CANCELLED')).json['jobs'] as { id: string }[]).map(({ id }) => id)).toEqual([ids[1]]);
});

test('a workspace shows its jobs to its members; only whoever started one reports on it', async () => {
  const { memberships } = await import('../../server/database/schema.ts');
  const [ann, ben, eve] = [await caller.somebody(), await caller.somebody(), await caller.somebody()];
  const id = await aJob(ann);
  const workspaceId = (await ann.call('GET', `/jobs/${id}`)).json['workspace_id'] as string;
  await caller.database.queries.insert(memberships).values({ workspaceId, userId: ben.id, role: 'viewer', createdAt: new Date(caller.nowMs) });
  expect((await ben.call('GET', `/jobs/${id}`)).status).toBe(200);
  expect((await ben.call('POST', `/jobs?workspace_id=${workspaceId}`, aRequest('x'))).status).toBe(403);
  await caller.database.queries.update(memberships).set({ role: 'editor' });
  expect(await ben.call('PATCH', `/jobs/${id}`, { progress: 3 })).toMatchObject({ status: 403, json: { detail: { reason: 'job/not-yours' } } });
  for (const [method, path, body] of [['GET', `/jobs/${id}`], ['PATCH', `/jobs/${id}`, { progress: 3 }], ['POST', `/jobs/${id}/retry`], ['GET', `/jobs?workspace_id=${workspaceId}`]] as const) {
    expect((await eve.call(method, path, body)).status).toBe(404);
  }
});
