import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../server/app.ts';
import { createMetrics } from '../../server/metrics.ts';
import { type ApiCaller, bearer, openApiCaller } from './support/api-caller.ts';

const metrics = createMetrics();
let caller: ApiCaller;
let app: ReturnType<typeof createApp>;
const address = { socket: '127.0.0.1' };
beforeAll(async () => {
  caller = await openApiCaller({ metrics });
  app = createApp({ pageFolder: '.', api: caller.api, metrics, socketAddress: () => address.socket });
}, 120_000);
afterAll(() => caller.close());

async function counted(): Promise<(line: string) => number> {
  const page = await (await app.request('/metrics')).text();
  return (name) => Number(page.split('\n').find((line) => line.startsWith(`${name} `))?.split(' ').at(-1) ?? 0);
}

describe('the page for Prometheus', () => {
  test('counts requests by pattern, and how long they took', async () => {
    const ann = await caller.somebody();
    for (let n = 0; n < 3; n += 1) await app.request(`/api/jobs/${crypto.randomUUID()}`, { headers: bearer(ann.access) });
    const value = await counted();
    expect(value('tonetwin_http_request_duration_seconds_count{method="GET",route="/api/jobs/{id}",status="404"}')).toBe(3);
    expect(value('tonetwin_http_request_duration_seconds_bucket{le="120",method="GET",route="/api/jobs/{id}",status="404"}')).toBe(3);
  });

  test('has no more patterns than there are routes, whatever is asked for', async () => {
    for (let n = 0; n < 50; n += 1) for (const path of [`/api/x${n}`, `/${n}.php`, `/p${n}/../..`, `/assets/${n}`]) await app.request(path);
    const page = await (await app.request('/metrics')).text();
    const routes = new Set([...page.matchAll(/route="([^"]+)"/g)].map(([, route]) => route!));
    expect([...routes].filter((route) => /\d/.test(route))).toEqual([]);
  });

  test('counts what jobs become, and how near their results came', async () => {
    const before = await counted();
    const ann = await caller.somebody();
    const id = (await ann.call('POST', '/jobs', { mode: 'B', ref_key: 'r', tgt_key: 't', idempotency_key: 'm' })).json['job_id'] as string;
    caller.nowMs += 20_000;
    const measured = { stft_dist: 0.3, mel_dist: 1.5, lufs_err: -0.15, tp_db: -1.2, artifacts_rate: 0, ltas_error_db: null, ltas_error_before_db: null };
    for (const status of ['ANALYZING', 'INVERTING', 'RENDERING']) await ann.call('PATCH', `/jobs/${id}`, { status });
    await ann.call('PATCH', `/jobs/${id}`, { status: 'COMPLETED', metrics: measured });
    const after = await counted();
    const grown = (name: string): number => after(name) - before(name);
    expect(grown('tonetwin_jobs_total{status="PENDING"}')).toBe(1);
    expect(grown('tonetwin_jobs_total{status="COMPLETED"}')).toBe(1);
    expect(grown('tonetwin_job_duration_seconds_sum{status="COMPLETED"}')).toBe(20);
    expect(grown('tonetwin_job_stft_distance_sum')).toBeCloseTo(0.3);
    expect(grown('tonetwin_job_loudness_error_lu_sum')).toBeCloseTo(0.15);
    expect(grown('tonetwin_job_true_peak_dbtp_bucket{le="-1"}')).toBe(1);
    expect(grown('tonetwin_job_true_peak_dbtp_bucket{le="-2"}')).toBe(0);
  });

  test('has what uploads, providers and the store tell it', async () => {
    metrics.upload('begun');
    metrics.upload('resumed', 1000);
    metrics.upload('failed');
    metrics.breaker('stepfun', 'open');
    metrics.storage(() => Promise.resolve([{ kind: 'recording', bytes: 5, count: 2 }]));
    let value = await counted();
    expect(['begun', 'resumed', 'failed', 'completed'].map((outcome) => value(`tonetwin_uploads_total{outcome="${outcome}"}`))).toEqual([1, 1, 1, 0]);
    expect(value('tonetwin_upload_bytes_total')).toBe(1000);
    expect(value('tonetwin_provider_breaker{provider="stepfun",state="open"}')).toBe(1);
    expect([value('tonetwin_stored_bytes{kind="recording"}'), value('tonetwin_stored_objects{kind="recording"}')]).toEqual([5, 2]);
    metrics.breaker('stepfun', 'closed');
    metrics.storage(() => Promise.reject(new Error('away')));
    value = await counted();
    expect([value('tonetwin_provider_breaker{provider="stepfun",state="open"}'), value('tonetwin_provider_breaker{provider="stepfun",state="closed"}')]).toEqual([0, 1]);
  });

  test('has every outcome from the beginning, at nothing, so that the first one is seen', async () => {
    const page = await createMetrics().page();
    const linesOf = (name: string) => page.split('\n').filter((line) => line.startsWith(`${name}{`));
    expect(linesOf('tonetwin_uploads_total')).toEqual(['begun', 'resumed', 'received', 'completed', 'failed'].map((outcome) => `tonetwin_uploads_total{outcome="${outcome}"} 0`));
    expect(linesOf('tonetwin_webhook_tries_total')).toEqual(['taken', 'refused', 'dead'].map((outcome) => `tonetwin_webhook_tries_total{outcome="${outcome}"} 0`));
    expect(linesOf('tonetwin_jobs_total')).toContain('tonetwin_jobs_total{status="FAILED"} 0');
  });

  test('says of each thing it needs whether it works, and how full the disk of its data is', async () => {
    metrics.disk(() => Promise.resolve({ size: 1000, free: 400 }));
    const value = await counted();
    expect([value('tonetwin_data_disk_size_bytes'), value('tonetwin_data_disk_free_bytes')]).toEqual([1000, 400]);
    const half = createApp({ pageFolder: '.', api: { ...caller.api, checks: { ...caller.api.checks, blobs: () => Promise.reject(new Error('no bucket')) } }, socketAddress: () => '127.0.0.1' });
    await half.request('/health');
    const page = await (await half.request('/metrics')).text();
    expect(page.split('\n').filter((line) => line.startsWith('tonetwin_ready{'))).toEqual(['tonetwin_ready{check="database"} 1', 'tonetwin_ready{check="blobs"} 0']);
  });

  test('is for this machine alone, and not for what a proxy on it lets through', async () => {
    const asked = async (socket: string, headers: Record<string, string> = {}) => {
      address.socket = socket;
      const { status } = await app.request('/metrics', { headers });
      address.socket = '127.0.0.1';
      return status;
    };
    expect([await asked('127.0.0.1'), await asked('::1'), await asked('::ffff:127.0.0.1')]).toEqual([200, 200, 200]);
    expect([await asked('192.168.1.5'), await asked('203.0.113.9'), await asked('127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }), await asked('127.0.0.1', { forwarded: 'for=1.2.3.4' })]).toEqual([404, 404, 404, 404]);
  });

  test('with a token is for who has it, from wherever', async () => {
    const guarded = createApp({ pageFolder: '.', metrics, metricsToken: 'a-long-enough-token', socketAddress: () => '203.0.113.9' });
    const asked = async (authorization?: string) => (await guarded.request('/metrics', authorization === undefined ? {} : { headers: { authorization } })).status;
    expect([await asked('Bearer a-long-enough-token'), await asked(), await asked('Bearer a-long-enough-tokem'), await asked('Bearer a'), await asked('a-long-enough-token')]).toEqual([200, 404, 404, 404, 404]);
  });
});

describe('/ready', () => {
  test('is ok when what it needs is, by name', async () => {
    const answer = await app.request('/ready');
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok', checks: { database: 'ok' } }]);
  });

  test('is not while the database is being opened, nor when something fails or hangs; the program lives all the same', async () => {
    const failing = (check: () => Promise<void>) => createApp({ pageFolder: '.', api: { ...caller.api, checks: { ...caller.api.checks, blobs: check } } });
    const apps = [createApp({ pageFolder: '.', api: new Promise(() => undefined) }), failing(() => Promise.reject(new Error('no bucket'))), failing(() => new Promise(() => undefined))];
    for (const [n, expected] of [{ database: 'failed' }, { database: 'ok', blobs: 'failed' }, { database: 'ok', blobs: 'failed' }].entries()) {
      const answer = await apps[n]!.request('/ready');
      expect([answer.status, await answer.json()]).toEqual([503, { status: 'failed', checks: expected }]);
      expect((await apps[n]!.request('/health')).status).toBe(200);
    }
  });

  test('is not once it is about to end, while it answers on and every connection is closed behind its answer', async () => {
    let isEnding = false;
    const leaving = createApp({ pageFolder: '.', api: caller.api, isEnding: () => isEnding });
    expect([(await leaving.request('/health')).headers.get('connection'), (await leaving.request('/ready')).status]).toEqual([null, 200]);
    isEnding = true;
    const answer = await leaving.request('/ready');
    expect([answer.status, await answer.json()]).toEqual([503, { status: 'failed', checks: { database: 'ok', stays: 'failed' } }]);
    for (const path of ['/health', '/api/jobs', '/nothing.js']) expect((await leaving.request(path)).headers.get('connection')).toBe('close');
  });

  test('asks what it needs once, however many ask at a time', async () => {
    let asked = 0;
    const open: (() => void)[] = [];
    const many = createApp({ pageFolder: '.', api: { ...caller.api, checks: { blobs: () => new Promise<void>((resolve) => void (asked += 1, open.push(resolve))) } } });
    await many.request('/health');
    const answers = Array.from({ length: 20 }, () => many.request('/ready'));
    await expect.poll(() => open.length).toBe(1);
    open.pop()!();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    const next = many.request('/ready');
    await expect.poll(() => open.length).toBe(1);
    open.pop()!();
    expect([(await next).status, asked]).toEqual([200, 2]);
  });

  test('without accounts needs nothing', async () => {
    expect((await createApp({ pageFolder: '.' }).request('/ready')).status).toBe(200);
  });
});

test('a page that came through TLS asks for it always; one that did not does not', async () => {
  const behind = createApp({ pageFolder: '.', isBehindTls: (c) => c.req.header('x-forwarded-proto') === 'https' });
  expect((await behind.request('/health', { headers: { 'x-forwarded-proto': 'https' } })).headers.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains');
  expect((await behind.request('/health')).headers.get('strict-transport-security')).toBeNull();
  expect((await behind.request('/health')).headers.get('permissions-policy')).toContain('microphone=(self)');
});
