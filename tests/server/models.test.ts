import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createApp } from '../../server/app.ts';
import { noiseBytes } from '../support/noise-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'tonetwin-models-'));
const bytes = noiseBytes(10_000, 1);
for (const place of ['page', 'models', 'models/inner']) mkdirSync(join(folder, place));
writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html>');
writeFileSync(join(folder, 'models', 'encoder.onnx'), bytes);
writeFileSync(join(folder, 'models', 'encoder.json'), '{}');
writeFileSync(join(folder, 'models', '.hidden.json'), '{}');
writeFileSync(join(folder, 'models', 'empty.onnx'), '');
writeFileSync(join(folder, 'secret.json'), '{}');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const appWith = (speakerEncoder: string | null) => createApp({ pageFolder: relative(process.cwd(), join(folder, 'page')), speakerEncoder, modelsFolder: join(folder, 'models') });
const app = appWith('/models/encoder.json');
const asked = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
  const answer = await app.request(path, { headers, method });
  return { status: answer.status, bytes: new Uint8Array(await answer.arrayBuffer()), headers: answer.headers };
};

test('a model is sent whole, or from where it is asked for; what is not changed is not sent again', async () => {
  const whole = await asked('/models/encoder.onnx');
  expect([whole.status, whole.headers.get('content-type'), whole.headers.get('content-length'), whole.headers.get('accept-ranges')]).toEqual([200, 'application/octet-stream', '10000', 'bytes']);
  expect(Buffer.compare(whole.bytes, bytes)).toBe(0);
  const rest = await asked('/models/encoder.onnx', { range: 'bytes=4000-' });
  expect([rest.status, rest.headers.get('content-range')]).toEqual([206, 'bytes 4000-9999/10000']);
  expect(Buffer.compare(rest.bytes, bytes.subarray(4000))).toBe(0);
  const etag = whole.headers.get('etag')!;
  expect((await asked('/models/encoder.onnx', { range: 'bytes=4000-', 'if-range': '"another"' })).status).toBe(200);
  expect((await asked('/models/encoder.onnx', { range: 'bytes=4000-', 'if-range': etag })).status).toBe(206);
  expect((await asked('/models/encoder.onnx', { 'if-none-match': etag })).status).toBe(304);
  expect((await asked('/models/encoder.onnx', { range: 'bytes=10000-' })).status).toBe(416);
  expect((await asked('/models/encoder.json')).headers.get('content-type')).toBe('application/json');
  const head = await asked('/models/encoder.onnx', {}, 'HEAD');
  expect([head.status, head.bytes.length, head.headers.get('content-length')]).toEqual([200, 0, '10000']);
  expect((await asked('/models/empty.onnx')).bytes.length).toBe(0);
});

test('nothing else is found there: no folder, nothing hidden, nothing outside', async () => {
  for (const path of ['.hidden.json', 'inner', 'inner/', '..%2fsecret.json', '%2e%2e%2fsecret.json', '%00', 'gone.onnx', `${'a'.repeat(200)}.json`]) expect((await asked(`/models/${path}`)).status, path).toBe(404);
});

test('the page may reach the host of an encoder elsewhere, and no other', async () => {
  const policyOf = async (encoder: string | null) => (await appWith(encoder).request('/')).headers.get('content-security-policy')!;
  expect(await policyOf('https://models.example:8443/a/encoder.json')).toContain("connect-src https://models.example:8443 'self' blob:");
  expect(await policyOf('/models/encoder.json')).toBe(await policyOf(null));
});
