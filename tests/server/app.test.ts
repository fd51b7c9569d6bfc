import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createApp } from '../../server/app.ts';

const folder = mkdtempSync(join(tmpdir(), 'tonetwin-page-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>page</title>');
writeFileSync(join(folder, 'assets', 'engine-abc.wasm'), new Uint8Array(5000));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const app = createApp({ pageFolder: relative(process.cwd(), folder) });

test('/health says that the server lives', async () => {
  const answer = await app.request('/health');
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
});

test('every answer is isolated and under a policy that runs no inline script', async () => {
  for (const path of ['/', '/health', '/assets/engine-abc.wasm', '/nothing.js']) {
    const { headers } = await app.request(path);
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('content-security-policy')).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(headers.get('content-security-policy')).not.toContain('unsafe-inline');
  }
});

test('hashed files are cached for ever, the page is asked for again', async () => {
  const asset = await app.request('/assets/engine-abc.wasm');
  expect([asset.headers.get('content-type'), asset.headers.get('cache-control')]).toEqual(['application/wasm', 'public, max-age=31536000, immutable']);
  expect((await app.request('/')).headers.get('cache-control')).toBe('no-cache');
});

test('an address of the page itself answers the page; a missing file is a 404 with an error as data', async () => {
  expect(await (await app.request('/jobs/17')).text()).toContain('<title>page</title>');
  const missing = await app.request('/assets/gone-123.js');
  expect(missing.status).toBe(404);
  expect(missing.headers.get('cache-control')).toBe('no-cache');
  expect(await missing.json()).toEqual({ code: 'NOT_FOUND', message: 'There is nothing at this address.', detail: { reason: 'server/not-found' } });
});

test('paths cannot climb out of the page folder', async () => {
  for (const path of ['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json']) {
    expect(await (await app.request(path)).text()).not.toContain('"tonetwin"');
  }
});

test('a share that no service worker took is sent to the page, unread', async () => {
  const answer = await app.request('/share', { method: 'POST', body: new Uint8Array(10) });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/library?shared=missed']);
});

test('without accounts it says so to the page that asks, and has nothing else under /api', async () => {
  expect(await (await app.request('/api/auth/offer')).json()).toEqual({ accounts: false, provider: null });
  expect((await app.request('/api/auth/me')).status).toBe(404);
});

test('the line is closed behind a question that brings a body nobody reads', async () => {
  expect((await app.request('/health', { headers: { 'transfer-encoding': 'chunked' } })).headers.get('connection')).toBe('close');
  expect((await app.request('/health', { headers: { 'content-length': '5' } })).headers.get('connection')).toBe('close');
  expect((await app.request('/health')).headers.get('connection')).toBeNull();
});
