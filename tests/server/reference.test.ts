import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type ApiCaller, openApiCaller } from './support/api-caller.ts';

let caller: ApiCaller;
let document: Record<string, any>;
beforeAll(async () => {
  caller = await openApiCaller();
  document = (await (await caller.app.request('/openapi.json')).json()) as Record<string, any>;
}, 120_000);
afterAll(() => caller.close());

type Operation = Record<string, any>;
const operations = (): [path: string, method: string, operation: Operation][] =>
  Object.entries(document['paths'] as Record<string, Record<string, Operation>>).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => [path, method, operation] as [string, string, Operation]));

test('it is a valid OpenAPI 3.1 document, whose references lead somewhere', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  expect(errors ?? []).toEqual([]);
  expect([valid, validator.version]).toEqual([true, '3.1']);
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference!);
  expect(references.length).toBeGreaterThan(50);
  for (const reference of new Set(references)) {
    expect(reference).toMatch(/^#\/components\/schemas\//);
    expect(Object.keys(document['components'].schemas as object)).toContain(reference.split('/').at(-1));
  }
});

test('every route that is mounted is in it, and every operation has a name of its own', () => {
  const written = operations().map(([path, method]) => `${method} ${path}`);
  for (const { method, path } of caller.api.contracts) expect(written).toContain(`${method} /api${path}`);
  const ids = operations().map(([, , { operationId }]) => operationId as string);
  expect(new Set(ids).size).toBe(ids.length);
});

test('every address of the app under /api is in it', () => {
  // What was put on the app by hand and not listed would be missing from the reference, and from the test that attacks every route.
  const written = new Set(operations().map(([path, method]) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`));
  const mounted = caller.api.app.routes.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/')).map(({ method, path }) => `${method} ${path}`);
  expect(mounted.length).toBeGreaterThan(40);
  expect([...new Set(mounted)].filter((route) => !written.has(route))).toEqual([]);
});

test('an address says what it takes, to who asks and to who asks for something else', async () => {
  const said = await caller.app.request('/api/presets', { method: 'OPTIONS' });
  expect([said.status, said.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS, POST']);
  const wrong = await caller.app.request('/api/presets/anything', { method: 'PATCH' });
  expect([wrong.status, wrong.headers.get('allow'), await wrong.json()]).toEqual([405, 'DELETE, GET, HEAD, OPTIONS, PUT', {
    code: 'INVALID_INPUT', message: expect.stringContaining('does not take PATCH'), detail: { reason: 'request/method', method: 'PATCH', allowed: 'DELETE, GET, HEAD, OPTIONS, PUT' },
  }]);
  for (const path of ['/api/nothing', '/api/presets/', '/api/presets/one/nothing']) expect((await caller.app.request(path, { method: 'OPTIONS' })).status).toBe(404);
});

test('what is written outside /api answers', async () => {
  for (const [path, method] of operations().filter(([at]) => !at.startsWith('/api/'))) {
    expect(method).toBe('get');
    expect([path, (await caller.app.request(path)).status === 500]).toEqual([path, false]);
  }
  for (const path of ['/health', '/openapi.json', '/docs']) expect((await caller.app.request(path)).status).toBe(200);
});

test('it says who may call, what may go wrong, and how long to wait', () => {
  const create = document['paths']['/api/jobs'].post as Operation;
  expect(create['security']).toEqual([{ token: [] }]);
  expect(Object.keys(create['responses'] as object)).toEqual(expect.arrayContaining(['201', '401', '403', '404', '409', '413', '415', '422', '429', '500']));
  expect(create['responses']['409'].content['application/json'].schema).toEqual({ $ref: '#/components/schemas/Error' });
  expect(create['responses']['429'].headers).toHaveProperty('Retry-After');
  expect((document['paths']['/api/auth/login'].post as Operation)['security']).toEqual([]);
  expect(create['requestBody'].content['application/json'].schema.required).toEqual(['mode', 'ref_key', 'tgt_key', 'idempotency_key']);
});

test('a real answer is of the form that is written', async () => {
  const ajv = new Ajv2020({ strict: false, formats: { uuid: /^[0-9a-f-]{36}$/, 'date-time': (text: string) => !Number.isNaN(Date.parse(text)), int64: true, double: true, uri: true, email: true } });
  ajv.addSchema(document, 'reference');
  const ann = await caller.somebody();
  await ann.call('POST', '/jobs', { mode: 'B', ref_key: 'r', tgt_key: 't', idempotency_key: 'k' });
  for (const path of ['/jobs', '/workspaces', '/auth/sessions', '/presets', '/audit', '/webhooks', '/invitations']) {
    const { json } = await ann.call('GET', path);
    const check = ajv.getSchema(`reference#/paths/${`/api${path}`.replaceAll('/', '~1')}/get/responses/200/content/application~1json/schema`)!;
    expect([path, check(json), check.errors]).toEqual([path, true, null]);
  }
});

test('the page to browse it is of our own origin, and alone may set styles', async () => {
  const page = await caller.app.request('/docs');
  expect(page.headers.get('content-security-policy')).toContain("style-src 'self' 'unsafe-inline';");
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self' 'wasm-unsafe-eval';");
  const text = await page.text();
  const files = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file!);
  expect(files.length).toBe(4);
  for (const file of files) {
    expect(file).toMatch(/^\/docs\//);
    expect((await caller.app.request(file)).status).toBe(200);
  }
  for (const path of ['/', '/health', '/documents', '/api/auth/me']) expect((await caller.app.request(path)).headers.get('content-security-policy')).not.toContain('unsafe-inline');
});

test('every list comes in pages', () => {
  /** Parts of one thing, and lists with an end of their own. */
  const whole = ['/jobs/{id}', '/speech/models', '/voices/{id}/nearest'];
  const isList = (field: unknown): boolean => field instanceof z.ZodArray && field.element instanceof z.ZodObject;
  let found = 0;
  for (const contract of caller.api.contracts) {
    if (contract.method !== 'get' || !('answer' in contract) || !(contract.answer instanceof z.ZodObject)) continue;
    const { path, query, answer } = contract;
    if (whole.includes(path) || !Object.values(answer.shape).some(isList)) continue;
    found += 1;
    expect([path, ...Object.keys(query.shape), ...Object.keys(answer.shape)]).toEqual(expect.arrayContaining([path, 'limit', 'cursor', 'next_cursor']));
  }
  expect(found).toBeGreaterThan(14);
});
