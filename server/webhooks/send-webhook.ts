/**
 * One request to an address that a stranger chose. It leaves this machine only for the open internet: the name is resolved once,
 * every address it has must be public, and the connection goes to what was checked, so that a second answer of the name server
 * (DNS rebinding) changes nothing. Redirects are not followed, answers not read.
 * Signatures: Standard Webhooks 1.0 (https://www.standardwebhooks.com), symmetric. Threats: OWASP SSRF Prevention Cheat Sheet.
 */
import { createHmac } from 'node:crypto';
import { type LookupAddress, promises as dns } from 'node:dns';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.ts';

export interface WebhookMessage {
  readonly id: string;
  readonly url: string;
  readonly secret: Uint8Array;
  readonly body: string;
}

export interface WebhookOutcome {
  readonly isTaken: boolean;
  /** Of the answer, where there was one. */
  readonly status: number | null;
  readonly error: string | null;
}

export interface SenderParts {
  readonly nowMs: () => number;
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
  readonly isAllowed?: (address: string) => boolean;
  /** PEM of authorities beside the system's. */
  readonly ca?: string;
  readonly patienceMs?: number;
}

const PATIENCE_MS = 10_000;

/** Why an address cannot be a webhook's, as far as it tells itself; null: it can. Names are resolved when something is sent. */
export function wrongWebhookUrl(text: string): string | null {
  if (!URL.canParse(text)) return 'no address';
  const url = new URL(text);
  if (url.protocol !== 'https:') return 'not https';
  if (url.username !== '' || url.password !== '') return 'with a name or password in it';
  const host = bareHost(url);
  if (isIP(host) !== 0 && !isPublicAddress(host)) return 'not public';
  if (isIP(host) === 0 && !host.replace(/\.$/, '').includes('.')) return 'not public';
  return null;
}

/** IPv6 without its brackets. */
const bareHost = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1');

/** @returns base64 of HMAC-SHA256 over `id.timestamp.body` */
export const webhookSignature = (secret: Uint8Array, id: string, seconds: number, body: string): string => `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`;

const resolveAll = (host: string): Promise<readonly LookupAddress[]> => dns.lookup(host, { all: true });

export type SendWebhook = (message: WebhookMessage) => Promise<WebhookOutcome>;

export function createWebhookSender({ nowMs, resolve = resolveAll, isAllowed = isPublicAddress, ca, patienceMs = PATIENCE_MS }: SenderParts): SendWebhook {
  const failed = (error: string, status: number | null = null): WebhookOutcome => ({ isTaken: false, status, error });

  /** Checked addresses, and nothing else, for the connection. */
  async function pinned(host: string): Promise<LookupFunction> {
    // A name that is not known and one of this network are told apart by nothing: what is known here is nobody's business.
    const addresses = isIP(host) === 0 ? await resolve(host).catch(() => []) : [{ address: host, family: isIP(host) }];
    if (addresses.length === 0 || !addresses.every(({ address }) => isAllowed(address))) throw new Error('the address is not public');
    return (_host, options, callback) => {
      if (options.all) callback(null, [...addresses]);
      else callback(null, addresses[0]!.address, addresses[0]!.family);
    };
  }

  return async function send({ id, url: text, secret, body }) {
    if (!URL.canParse(text) || new URL(text).protocol !== 'https:') return failed('not https');
    const url = new URL(text);
    const host = bareHost(url);
    const deadline = AbortSignal.timeout(patienceMs);
    const tooLong = new Promise<never>((_, reject) => deadline.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true }));
    tooLong.catch(() => undefined);
    try {
      const lookup = await Promise.race([pinned(host), tooLong]);
      const seconds = Math.floor(nowMs() / 1000);
      const status = await Promise.race([tooLong, new Promise<number>((answer, reject) => {
        const request = httpsRequest({
          host, port: url.port === '' ? 443 : Number(url.port), path: `${url.pathname}${url.search}`, method: 'POST', lookup, signal: deadline,
          // A connection of its own, which nobody else goes on using.
          agent: false, ...(isIP(host) === 0 ? { servername: host } : {}), ...(ca === undefined ? {} : { ca }),
          headers: {
            host: url.host, 'user-agent': 'Tonetwin', 'content-type': 'application/json', 'content-length': Buffer.byteLength(body),
            'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': webhookSignature(secret, id, seconds, body),
          },
        }, (response) => {
          response.destroy();
          answer(response.statusCode ?? 0);
        });
        request.on('error', reject);
        request.end(body);
      })]);
      return status >= 200 && status < 300 ? { isTaken: true, status, error: null } : failed('refused', status);
    } catch (thrown) {
      return failed((deadline.aborted ? 'no answer in time' : (thrown as Error).message).slice(0, 200));
    }
  };
}
