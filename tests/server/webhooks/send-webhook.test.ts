import { createHmac } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeAuthority, makeServerCertificate } from '../../../server/https/authority.ts';
import { createWebhookSender, type SenderParts } from '../../../server/webhooks/send-webhook.ts';

/** The receiver listens at an address that no name server gives for its name: whoever arrives was sent there. */
const RECEIVER = '127.0.0.2';
const SECRET = new Uint8Array(32).fill(7);
const NOW_MS = Date.parse('2026-03-01T12:00:00Z');

interface Heard {
  readonly headers: IncomingMessage['headers'];
  readonly method: string | undefined;
  readonly body: string;
}

let server: Server;
let ca: string;
let port: number;
let heard: Heard[] = [];
let answer: (response: ServerResponse) => void;

beforeAll(async () => {
  const authority = makeAuthority('a test', Date.now());
  ca = authority.certificatePem;
  const { certificatePem, keyPem } = makeServerCertificate(authority, { dns: ['localhost'], ip: [RECEIVER] }, Date.now());
  server = createServer({ cert: certificatePem, key: keyPem }, (request, response) => {
    let body = '';
    request.on('data', (bytes: Buffer) => (body += bytes.toString()));
    request.on('end', () => {
      heard.push({ headers: request.headers, method: request.method, body });
      answer(response);
    });
  }).listen(0, RECEIVER);
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  heard = [];
  answer = (response) => response.writeHead(204).end();
});

const at = (...addresses: string[]): LookupAddress[] => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
const sender = (parts: Partial<SenderParts> = {}) => createWebhookSender({ nowMs: () => NOW_MS, ca, resolve: () => Promise.resolve(at(RECEIVER)), isAllowed: (address) => address === RECEIVER, ...parts });
const message = (url = `https://localhost:${port}/hook?x=1`) => ({ id: 'message-1', url, secret: SECRET, body: '{"type":"job.completed","data":"é"}' });

test('a message arrives whole, with a signature that its secret makes', async () => {
  expect(await sender()(message())).toEqual({ isTaken: true, status: 204, error: null });
  const [{ headers, method, body }] = heard as [Heard];
  expect([method, body, headers['content-type'], headers['webhook-id']]).toEqual(['POST', message().body, 'application/json', 'message-1']);
  expect(headers['webhook-timestamp']).toBe(String(NOW_MS / 1000));
  // As a receiver checks it.
  const expected = createHmac('sha256', SECRET).update(`message-1.${NOW_MS / 1000}.${body}`).digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${expected}`);
});

test('the name is asked for once, and the connection goes to what was checked, whatever it is later', async () => {
  let asked = 0;
  const resolve = (): Promise<LookupAddress[]> => {
    asked += 1;
    return Promise.resolve(at(asked === 1 ? RECEIVER : '127.0.0.1'));
  };
  expect(await sender({ resolve })(message())).toMatchObject({ isTaken: true });
  expect(asked).toBe(1);
});

test.each([['127.0.0.1'], ['169.254.169.254'], ['10.0.0.1'], ['::1'], ['fd00:ec2::254'], ['::ffff:127.0.0.1']])('a name that leads to %s is not called, nor if that is one of several', async (address) => {
  for (const addresses of [at(address), at('93.184.216.34', address)]) {
    expect(await createWebhookSender({ nowMs: () => NOW_MS, ca, resolve: () => Promise.resolve(addresses) })(message())).toEqual({ isTaken: false, status: null, error: 'the address is not public' });
  }
  expect(heard).toEqual([]);
});

test('an address that is written as numbers is checked like a name', async () => {
  for (const host of [RECEIVER, '2130706434', '0x7f000002', '[::1]']) {
    expect(await createWebhookSender({ nowMs: () => NOW_MS, ca })(message(`https://${host}:${port}/`))).toEqual({ isTaken: false, status: null, error: 'the address is not public' });
  }
  expect(heard).toEqual([]);
});

test('a name that nobody knows is told like one of this network: which there are is nobody\'s business', async () => {
  const resolve = (): Promise<never> => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND inside.example'), { code: 'ENOTFOUND' }));
  expect(await createWebhookSender({ nowMs: () => NOW_MS, ca, resolve })(message())).toEqual({ isTaken: false, status: null, error: 'the address is not public' });
});

test('a redirect is not followed, and is no success', async () => {
  answer = (response) => response.writeHead(302, { location: `https://localhost:${port}/elsewhere` }).end();
  expect(await sender()(message())).toEqual({ isTaken: false, status: 302, error: 'refused' });
  expect(heard.length).toBe(1);
});

test('without TLS, or under a certificate that nobody vouches for, nothing is sent', async () => {
  expect(await sender()(message(`http://localhost:${port}/`))).toEqual({ isTaken: false, status: null, error: 'not https' });
  const { ca: _none, ...unknown } = { ca, nowMs: () => NOW_MS, resolve: () => Promise.resolve(at(RECEIVER)), isAllowed: () => true };
  expect(await createWebhookSender(unknown)(message())).toMatchObject({ isTaken: false, status: null });
  expect(heard).toEqual([]);
});

test('a receiver that does not answer, and a name server that does not, are left after a while', async () => {
  answer = () => undefined;
  expect(await sender({ patienceMs: 200 })(message())).toEqual({ isTaken: false, status: null, error: 'no answer in time' });
  expect(await sender({ patienceMs: 50, resolve: () => new Promise(() => undefined) })(message())).toEqual({ isTaken: false, status: null, error: 'no answer in time' });
});

test('an answer without end is not read', async () => {
  answer = (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(Buffer.alloc(65_536)), 1);
    response.on('close', () => clearInterval(timer));
  };
  expect(await sender()(message())).toEqual({ isTaken: true, status: 200, error: null });
});
