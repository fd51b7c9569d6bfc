import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { fingerprint, makeAuthority } from '../../../server/https/authority.ts';
import { createTrustPage } from '../../../server/https/trust-page.ts';

const authority = makeAuthority('a <test>', Date.now());
const page = createTrustPage({ authority, name: 'Tonetwin on a <test>', httpsPort: 8787, hosts: () => ['192.168.1.20', 'box.local'] });
const text = async (path: string, headers: Record<string, string> = {}) => (await page.request(path, { headers })).text();

test('the page explains both kinds of phone in both languages, with the fingerprint to compare', async () => {
  const english = await text('/');
  for (const part of ['Certificate Trust Settings', 'CA certificate', fingerprint(authority)]) expect(english).toContain(part);
  const chinese = await text('/', { 'accept-language': 'zh-CN,zh;q=0.9' });
  for (const part of ['lang="zh-CN"', '证书信任设置', 'CA 证书', fingerprint(authority)]) expect(chinese).toContain(part);
  expect(await text('/?lang=en', { 'accept-language': 'zh-CN' })).toContain('lang="en"');
});

test('names are text, never markup', async () => {
  expect(await text('/')).not.toContain('<test>');
});

test('it goes on under the name it was reached by; a name that is not ours is not repeated', async () => {
  expect(await text('/', { host: 'box.local:8788' })).toContain('href="https://box.local:8787/"');
  expect(await text('/', { host: 'evil.example' })).toContain('href="https://192.168.1.20:8787/"');
});

test('the certificate is offered in the type that phones install, and it is the public one alone', async () => {
  const answer = await page.request('/tonetwin-authority.crt');
  expect(answer.headers.get('content-type')).toBe('application/x-x509-ca-cert');
  const pem = await answer.text();
  expect(new X509Certificate(pem).ca).toBe(true);
  expect(pem).not.toContain('PRIVATE KEY');
});

test('nothing runs in the page but its own script; everything else leads back to it', async () => {
  const answer = await page.request('/');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'self'; script-src 'self'");
  expect((await page.request('/library')).headers.get('location')).toBe('/');
});
