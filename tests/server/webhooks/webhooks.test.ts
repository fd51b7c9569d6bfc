import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MOST_TRIES, pauseMs } from '../../../server/webhooks/deliveries.ts';
import type { WebhookMessage, WebhookOutcome } from '../../../server/webhooks/send-webhook.ts';
import { type ApiCaller, bearer, openApiCaller, PASSWORD, type Somebody } from '../support/api-caller.ts';

let caller: ApiCaller;
let sent: WebhookMessage[] = [];
let outcome: WebhookOutcome;
beforeAll(async () => {
  caller = await openApiCaller({
    sendWebhook: (message) => {
      sent.push(message);
      return Promise.resolve(outcome);
    },
  });
}, 120_000);
afterAll(() => caller.close());
beforeEach(() => {
  sent = [];
  outcome = { isTaken: true, status: 200, error: null };
});

const REFUSED: WebhookOutcome = { isTaken: false, status: 500, error: 'refused' };
const work = () => caller.api.deliveries.work();

async function aHook(somebody: Somebody, url = 'https://example.org/hook'): Promise<{ id: string; secret: string }> {
  const { status, json } = await somebody.call('POST', '/webhooks', { url });
  expect(status).toBe(201);
  return json as { id: string; secret: string };
}

async function aJobOver(somebody: Somebody, ...states: string[]): Promise<string> {
  const { json } = await somebody.call('POST', '/jobs', { mode: 'B', ref_key: 'r', tgt_key: 't', idempotency_key: crypto.randomUUID() });
  for (const status of states) await somebody.call('PATCH', `/jobs/${json['job_id'] as string}`, status === 'FAILED' ? { status, error: { reason: 'audio/silent' } } : { status });
  return json['job_id'] as string;
}
const COMPLETED = ['ANALYZING', 'INVERTING', 'RENDERING', 'COMPLETED'];
const deliveriesOf = async (somebody: Somebody, id: string) => (await somebody.call('GET', `/webhooks/${id}/deliveries`)).json['deliveries'] as Record<string, unknown>[];

describe('a webhook', () => {
  test('is told when a job of its workspace completes or fails, once, and of nothing else', async () => {
    const [ann, ben] = [await caller.somebody(), await caller.somebody()];
    const { id, secret } = await aHook(ann);
    const done = await aJobOver(ann, ...COMPLETED);
    await ann.call('PATCH', `/jobs/${done}`, { status: 'COMPLETED', result_key: 'late' });
    caller.nowMs += 1000;
    const failed = await aJobOver(ann, 'ANALYZING', 'FAILED');
    await aJobOver(ann, 'CANCELLED');
    await aJobOver(ben, ...COMPLETED);
    await work();
    expect(sent.map(({ body }) => body).sort().map((body) => JSON.parse(body) as unknown)).toMatchObject([
      { type: 'job.completed', data: { job_id: done, status: 'COMPLETED' } },
      { type: 'job.failed', data: { job_id: failed, status: 'FAILED', error: { detail: { reason: 'audio/silent' } } } },
    ]);
    expect(`whsec_${Buffer.from(sent[0]!.secret).toString('base64')}`).toBe(secret);
    expect(await deliveriesOf(ann, id)).toMatchObject([{ event: 'job.failed', state: 'delivered', tries: 1, last_status: 200 }, { event: 'job.completed', state: 'delivered' }]);
    await work();
    expect(sent.length).toBe(2);
  });

  test('tells its secret once', async () => {
    const ann = await caller.somebody();
    const { id, secret } = await aHook(ann);
    const answers = [await ann.call('GET', '/webhooks'), await ann.call('PATCH', `/webhooks/${id}`, { active: true }), await ann.call('GET', '/auth/export')];
    expect(JSON.stringify(answers.map(({ json }) => json))).not.toContain(secret.slice(6));
  });

  test('at an address of this network is refused', async () => {
    const ann = await caller.somebody();
    for (const url of ['http://example.org/', 'https://127.0.0.1/', 'https://169.254.169.254/', 'https://localhost/', 'https://[::1]/']) {
      expect(await ann.call('POST', '/webhooks', { url })).toMatchObject({ status: 422, json: { detail: { reason: 'webhook/address' } } });
    }
    const { id } = await aHook(ann);
    expect((await ann.call('PATCH', `/webhooks/${id}`, { url: 'https://10.0.0.1/' })).status).toBe(422);
  });

  test('that is switched off is told nothing; one that is asked to is sent a ping', async () => {
    const ann = await caller.somebody();
    const { id } = await aHook(ann);
    await ann.call('PATCH', `/webhooks/${id}`, { active: false });
    await aJobOver(ann, ...COMPLETED);
    await work();
    expect(sent).toEqual([]);
    await ann.call('PATCH', `/webhooks/${id}`, { active: true });
    expect((await ann.call('POST', `/webhooks/${id}/test`)).status).toBe(204);
    await work();
    expect(sent.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(['ping']);
  });

  test('belongs to owners: an editor sees none', async () => {
    const { memberships } = await import('../../../server/database/schema.ts');
    const [ann, ben] = [await caller.somebody(), await caller.somebody()];
    const { id } = await aHook(ann);
    const workspaceId = ((await ann.call('GET', '/webhooks')).json['webhooks'] as { workspace_id: string }[])[0]!.workspace_id;
    await caller.database.queries.insert(memberships).values({ workspaceId, userId: ben.id, role: 'editor', createdAt: new Date(caller.nowMs) });
    for (const [method, path] of [['GET', `/webhooks?workspace_id=${workspaceId}`], ['DELETE', `/webhooks/${id}`], ['GET', `/webhooks/${id}/deliveries`], ['POST', `/webhooks/${id}/test`]] as const) {
      expect((await ben.call(method, path)).status).toBe(403);
    }
  });

  test('is one of ten at most, in pages', async () => {
    const ann = await caller.somebody();
    for (let n = 0; n < 10; n += 1) {
      caller.nowMs += 1;
      await aHook(ann, `https://example.org/${n}`);
    }
    expect(await ann.call('POST', '/webhooks', { url: 'https://example.org/11' })).toMatchObject({ status: 409, json: { detail: { reason: 'workspace/full' } } });
    const first = (await ann.call('GET', '/webhooks?limit=6')).json;
    const second = (await ann.call('GET', `/webhooks?limit=6&cursor=${first['next_cursor'] as string}`)).json;
    expect([...first['webhooks'], ...second['webhooks']].map(({ url }: { url: string }) => url)).toEqual(Array.from({ length: 10 }, (_, n) => `https://example.org/${9 - n}`));
    expect(second['next_cursor']).toBeNull();
  });
});

describe('a delivery that is not taken', () => {
  test('is tried again after growing pauses, then given up, and can be sent again', async () => {
    const ann = await caller.somebody();
    const { id } = await aHook(ann);
    outcome = REFUSED;
    await aJobOver(ann, ...COMPLETED);
    for (let n = 1; n <= MOST_TRIES; n += 1) {
      await work();
      expect(sent.length).toBe(n);
      // Not a moment too early.
      await work();
      expect(sent.length).toBe(n);
      caller.nowMs += 6 * 3600 * 1000;
    }
    expect(new Set(sent.map((message) => message.id)).size).toBe(1);
    const again = (await caller.call('POST', '/auth/login', { email: ann.email, password: PASSWORD })).json['access_token'] as string;
    const [dead] = (await caller.call('GET', `/webhooks/${id}/deliveries?state=dead`, undefined, bearer(again))).json['deliveries'] as Record<string, unknown>[];
    expect(dead).toMatchObject({ state: 'dead', tries: MOST_TRIES, last_status: 500, last_error: 'refused', next_try_at: null });
    outcome = { isTaken: true, status: 200, error: null };
    expect((await caller.call('POST', `/webhooks/${id}/deliveries/${dead!['id'] as string}/retry`, undefined, bearer(again))).status).toBe(204);
    await work();
    expect(sent.length).toBe(MOST_TRIES + 1);
  });

  test('waits twice to three times as long each time, never more than six hours, never quite the same', () => {
    const [least, most] = [Array.from({ length: MOST_TRIES }, (_, n) => pauseMs(n + 1, () => 0)), Array.from({ length: MOST_TRIES }, (_, n) => pauseMs(n + 1, () => 1))];
    expect(least).toEqual(most.map((ms) => ms / 2));
    expect(most.slice(0, 4)).toEqual([10_000, 30_000, 90_000, 270_000]);
    expect(Math.max(...most)).toBe(6 * 3600 * 1000);
  });

  test('taken by an instance that died is taken by another a minute later', async () => {
    const ann = await caller.somebody();
    await aHook(ann);
    let die: (() => void) | undefined;
    const dying = await openApiCaller({ database: caller.database, nowMs: () => caller.nowMs, sendWebhook: () => new Promise((_, reject) => (die = () => reject(new Error('died')))) });
    await aJobOver(ann, ...COMPLETED);
    const round = dying.api.deliveries.work().catch(() => 'died');
    await expect.poll(() => die).toBeDefined();
    await work();
    expect(sent.length).toBe(0);
    die!();
    expect(await round).toBe('died');
    caller.nowMs += 61_000;
    await work();
    expect(sent.length).toBe(1);
  });

  test('is tried by one of many that look at once', async () => {
    const ann = await caller.somebody();
    await aHook(ann);
    for (let n = 0; n < 5; n += 1) await aJobOver(ann, ...COMPLETED);
    await Promise.all(Array.from({ length: 6 }, () => work()));
    expect(sent.length).toBe(5);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(5);
  });
});

test('a worker that is told of a job sends at once, and stops when it is told to', async () => {
  const ann = await caller.somebody();
  await aHook(ann);
  const worker = caller.api.deliveries.start();
  await aJobOver(ann, ...COMPLETED);
  await expect.poll(() => sent.length).toBe(1);
  await worker.stop();
  await aJobOver(ann, ...COMPLETED);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(sent.length).toBe(1);
});
