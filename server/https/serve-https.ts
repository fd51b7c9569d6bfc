/** Tonetwin on the local network: the page under a certificate, and beside it the page that helps to trust it. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Server } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { SERVER_LIMITS } from '../limits.ts';
import { announcement } from './announcement.ts';
import { localAddresses, localName } from './addresses.ts';
import { fingerprint, openAuthority, openServerCertificate, type ServerNames } from './authority.ts';
import { createTrustPage, TRUSTED_ADDRESS } from './trust-page.ts';
import { filled, wordsFor } from './words.ts';

export interface HttpsOptions {
  readonly app: Hono;
  readonly host: string;
  readonly port: number;
  readonly trustPort: number;
  readonly dataDir: string;
  /** Of the person at the terminal. */
  readonly language: string;
  readonly say: (text: string) => void;
  readonly onError: (error: NodeJS.ErrnoException, port: number) => void;
}

/** Networks come and go, and certificates end. */
const LOOK_MS = 60_000;

const namesNow = (addresses: readonly string[]): ServerNames => {
  const name = localName();
  return { dns: ['localhost', ...(name ? [name] : [])], ip: ['127.0.0.1', ...addresses] };
};

/** @returns servers to close */
export function serveHttps({ app, host, port, trustPort, dataDir, language, say, onError }: HttpsOptions): readonly Server[] {
  const folder = join(dataDir, 'https');
  const words = wordsFor(language);
  const machine = hostname();
  const authority = openAuthority(folder, machine, Date.now());
  const name = `Tonetwin on ${machine}`.slice(0, 64);
  let addresses = localAddresses();
  let certificate = openServerCertificate(folder, authority, namesNow(addresses), Date.now());
  const hosts = (): string[] => [...addresses, ...(localName() ? [localName()!] : []), 'localhost', '127.0.0.1'];

  const outer = new Hono();
  outer.get(TRUSTED_ADDRESS, (c) => c.body(null, 204, { 'Cross-Origin-Resource-Policy': 'cross-origin', 'Cache-Control': 'no-store' }));
  outer.route('/', app);
  const secure = serve({ fetch: outer.fetch, port, hostname: host, createServer, serverOptions: { ...SERVER_LIMITS, key: certificate.keyPem, cert: certificate.certificatePem } }, () => announce()) as HttpsServer;
  const helper = serve({ fetch: createTrustPage({ authority, name, httpsPort: port, hosts }).fetch, port: trustPort, hostname: host, serverOptions: SERVER_LIMITS }) as Server;
  secure.on('error', (error: NodeJS.ErrnoException) => onError(error, port));
  helper.on('error', (error: NodeJS.ErrnoException) => onError(error, trustPort));

  const announce = (): void => say(announcement({ words, addresses, port, trustPort, name, folder, fingerprint: fingerprint(authority) }));

  const timer = setInterval(() => {
    const now = localAddresses();
    const renewed = openServerCertificate(folder, authority, namesNow(now), Date.now());
    if (renewed.certificatePem !== certificate.certificatePem) secure.setSecureContext({ key: renewed.keyPem, cert: renewed.certificatePem });
    if (now[0] !== undefined && now[0] !== addresses[0]) say(filled(words.changed, { address: `https://${now[0]}:${port}` }));
    [addresses, certificate] = [now, renewed];
  }, LOOK_MS);
  timer.unref();
  return [secure as unknown as Server, helper];
}
