import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { createClientLine } from '../../server/client-address.ts';

async function seen(trusted: string | null, socket: string, headers: Record<string, string>, publicUrl: string | null = null): Promise<[address: string, isBehindTls: boolean]> {
  const line = createClientLine(trusted, () => socket, publicUrl);
  const app = new Hono().get('/', (c) => c.json([line.addressOf(c), line.isBehindTls(c)]));
  return (await (await app.request('/', { headers })).json()) as [string, boolean];
}

const PROXIES = '10.0.0.0/8, 2001:db8::/32';

test.each([
  ['nobody is trusted: what is said counts for nothing', null, '203.0.113.9', '1.2.3.4', '203.0.113.9'],
  ['one that is not trusted says so', PROXIES, '203.0.113.9', '1.2.3.4', '203.0.113.9'],
  ['a trusted one names its client', PROXIES, '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['as it comes from a socket of both kinds', PROXIES, '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['the client wrote something of its own before', PROXIES, '10.0.0.1', '6.6.6.6, 203.0.113.9', '203.0.113.9'],
  ['two trusted ones in a row', PROXIES, '10.0.0.1', '6.6.6.6, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
  ['IPv6, in brackets', PROXIES, '2001:db8::1', '[2a00:1450::1]', '2a00:1450:0:0::/64'],
  ['IPv6: a household has one of many', null, '2001:0DB8:12:0034:5:6:7:8', '', '2001:db8:12:34::/64'],
  ['IPv6: and another address of it', null, '2001:db8:12:34::9%eth0', '', '2001:db8:12:34::/64'],
  ['IPv6: zeros in the network', null, '2001:db8::34:5:6:7:8', '', '2001:db8:0:34::/64'],
  ['IPv6: this machine', null, '::1', '', '0:0:0:0::/64'],
  ['nonsense is left out', PROXIES, '10.0.0.1', 'unknown, "><script>', '10.0.0.1'],
  ['nothing is said', PROXIES, '10.0.0.1', '', '10.0.0.1'],
])('%s', async (_what, trusted, socket, forwarded, expected) => {
  expect((await seen(trusted, socket, { 'x-forwarded-for': forwarded }))[0]).toBe(expected);
});

test('TLS in front is believed of a trusted proxy only, of the nearest word', async () => {
  const tls = async (trusted: string | null, socket: string, proto: string) => (await seen(trusted, socket, { 'x-forwarded-proto': proto }))[1];
  expect(await Promise.all([tls(PROXIES, '10.0.0.1', 'https'), tls(PROXIES, '10.0.0.1', 'http'), tls(PROXIES, '10.0.0.1', 'https, http'), tls(PROXIES, '203.0.113.9', 'https'), tls(null, '10.0.0.1', 'https')])).toEqual([true, false, false, false, false]);
});

test('a page that people find under https alone came through TLS, whatever else is said', async () => {
  expect((await seen(null, '203.0.113.9', {}, 'https://tonetwin.example'))[1]).toBe(true);
  expect((await seen(null, '203.0.113.9', {}, 'http://tonetwin.example'))[1]).toBe(false);
});
