import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { isLocal, localAddresses, localName } from '../../../server/https/addresses.ts';
import { fingerprint, makeAuthority, makeServerCertificate, namesOf, openAuthority, openServerCertificate, type KeyedCertificate } from '../../../server/https/authority.ts';

const NOW = Date.now();
const DAY_MS = 24 * 3600 * 1000;
const NAMES = { dns: ['localhost'], ip: ['127.0.0.1', '192.168.1.20'] };
const folder = mkdtempSync(join(tmpdir(), 'tonetwin-https-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const authority = makeAuthority('a test', NOW);
const parsed = ({ certificatePem }: KeyedCertificate) => new X509Certificate(certificatePem);

/** What a client that trusts the authority says of a server with this certificate when it asks for a name. */
async function handshake({ certificatePem, keyPem }: KeyedCertificate, servername: string): Promise<string> {
  const server = createServer({ cert: certificatePem, key: keyPem }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, servername: /^\d/.test(servername) ? '' : servername, ca: authority.certificatePem, rejectUnauthorized: true });
  const said = await new Promise<string>((resolve) => {
    client.on('secureConnect', () => resolve('trusted'));
    client.on('error', (error) => resolve(error.message));
  });
  client.destroy();
  server.close();
  return said;
}

test('a server under a certificate of the authority is trusted by its name and its address', async () => {
  const server = makeServerCertificate(authority, NAMES, NOW);
  expect(await handshake(server, 'localhost')).toBe('trusted');
  expect(await handshake(server, '127.0.0.1')).toBe('trusted');
});

test('the authority cannot vouch for a site of the internet: whoever checks refuses it', async () => {
  const stolen = makeServerCertificate(authority, { dns: ['localhost', 'bank.example'], ip: [] }, NOW);
  expect(await handshake(stolen, 'bank.example')).toBe('permitted subtree violation');
  expect(await handshake(makeServerCertificate(authority, { dns: [], ip: ['127.0.0.1', '203.0.113.7'] }, NOW), '127.0.0.1')).toBe('permitted subtree violation');
});

test('certificates say what Apple and Chromium ask of them', () => {
  const server = parsed(makeServerCertificate(authority, NAMES, NOW));
  expect(server.ca).toBe(false);
  expect(parsed(authority).ca).toBe(true);
  expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(server.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:192.168.1.20');
  const days = (Date.parse(server.validTo) - Date.parse(server.validFrom)) / DAY_MS;
  expect(days).toBeLessThanOrEqual(398);
  expect(Date.parse(server.validFrom)).toBeLessThan(NOW);
  expect(server.checkIssued(parsed(authority))).toBe(true);
  expect(server.publicKey.asymmetricKeyDetails?.modulusLength).toBeGreaterThanOrEqual(2048);
  expect(server.serialNumber).not.toBe(parsed(authority).serialNumber);
});

test('keys are readable by their owner only, and closed again when they were opened', () => {
  const place = join(folder, 'modes');
  openServerCertificate(place, openAuthority(place, 'a test', NOW), NAMES, NOW);
  const modes = () => readdirSync(place).filter((name) => name.endsWith('.key')).map((name) => statSync(join(place, name)).mode & 0o777);
  expect(modes()).toEqual([0o600, 0o600]);
  expect(statSync(place).mode & 0o777).toBe(0o700);
  chmodSync(join(place, 'authority.key'), 0o644);
  openAuthority(place, 'a test', NOW);
  expect(modes()).toEqual([0o600, 0o600]);
});

test('the authority stays the same: a phone trusts it once', () => {
  const place = join(folder, 'stays');
  const first = openAuthority(place, 'a test', NOW);
  expect(openAuthority(place, 'a test', NOW + 5 * 365 * DAY_MS)).toEqual(first);
  expect(fingerprint(first)).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
});

test('the server certificate is made anew when addresses change or its end comes near, and only then', () => {
  const place = join(folder, 'renewed');
  const own = openAuthority(place, 'a test', NOW);
  const first = openServerCertificate(place, own, NAMES, NOW);
  expect(openServerCertificate(place, own, { ...NAMES, ip: [...NAMES.ip].reverse() }, NOW + 59 * DAY_MS)).toEqual(first);
  expect(openServerCertificate(place, own, NAMES, NOW + 61 * DAY_MS)).not.toEqual(first);
  const moved = openServerCertificate(place, own, { dns: ['localhost'], ip: ['127.0.0.1', '10.0.0.5'] }, NOW);
  expect(namesOf(moved).ip).toEqual(['10.0.0.5', '127.0.0.1']);
});

test('a damaged certificate, or one of another authority, is made anew', () => {
  const place = join(folder, 'damaged');
  const own = openAuthority(place, 'a test', NOW);
  const first = openServerCertificate(place, own, NAMES, NOW);
  writeFileSync(join(place, 'server.crt'), readFileSync(join(place, 'server.crt'), 'utf8').slice(0, 300));
  const second = openServerCertificate(place, own, NAMES, NOW);
  expect(parsed(second).checkIssued(parsed(own))).toBe(true);
  expect(second).not.toEqual(first);
  const other = makeAuthority('another', NOW);
  expect(parsed(openServerCertificate(place, other, NAMES, NOW)).verify(parsed(other).publicKey)).toBe(true);
});

test.each([
  ['10.1.2.3', true], ['172.16.0.1', true], ['172.32.0.1', false], ['192.168.1.1', true], ['169.254.9.9', true], ['100.64.0.1', true], ['8.8.8.8', false], ['fe80::1', false],
])('%s is of a local network: %s', (address, isOne) => {
  expect(isLocal(address)).toBe(isOne);
});

test('addresses of network cards come before those of containers; the internet and this machine itself are left out', () => {
  const info = (address: string, internal = false, family: 'IPv4' | 'IPv6' = 'IPv4') => ({ address, internal, family, netmask: '', mac: '', cidr: null, ...(family === 'IPv6' ? { scopeid: 0 } : {}) }) as never;
  expect(localAddresses({ docker0: [info('172.17.0.1')], lo: [info('127.0.0.1', true)], eth0: [info('fe80::2', false, 'IPv6'), info('203.0.113.9'), info('192.168.1.20')], eth1: [info('169.254.1.1')] })).toEqual(['192.168.1.20', '169.254.1.1', '172.17.0.1']);
});

test.each([['Studio-Mac.lan', 'studio-mac.local'], ['box', 'box.local'], ['localhost', null], ['my_box', null]])('a machine named %s is %s', (name, expected) => {
  expect(localName(name)).toBe(expected);
});
