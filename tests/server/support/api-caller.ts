/** A server's API over a database in memory of a test, called as a client calls it. */
import type { Api, ApiParts } from '../../../server/api.ts';
import { createApi } from '../../../server/api.ts';
import { createApp } from '../../../server/app.ts';
import type { Database } from '../../../server/database/open-database.ts';
import { openTestDatabase } from '../../support/database.ts';

export interface Answer {
  readonly status: number;
  // What an answer holds is what the tests ask for.
  readonly json: Record<string, any>;
  readonly headers: Headers;
}

export interface Somebody {
  readonly id: string;
  readonly email: string;
  readonly access: string;
  readonly refresh: string;
  /** As this person. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
}

export interface ApiCaller {
  readonly database: Database;
  readonly api: Api;
  readonly app: ReturnType<typeof createApp>;
  /** The server's clock and the client's address: set as wanted. */
  nowMs: number;
  address: string;
  /** Under /api. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A new account, signed in. */
  somebody(): Promise<Somebody>;
  close(): Promise<void>;
}

export const PASSWORD = 'a long enough secret';
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

export async function openApiCaller(parts: Partial<ApiParts> = {}): Promise<ApiCaller> {
  const database = parts.database ?? (await openTestDatabase());
  let people = 0;
  const world = { nowMs: Date.parse('2026-03-01T12:00:00Z'), address: '192.0.2.1' };
  const api = await createApi({ database, nowMs: () => world.nowMs, isSecure: true, addressOf: () => world.address, ...parts });
  const app = createApp({ pageFolder: '.', api });
  const caller: ApiCaller = Object.assign(world, {
    database, api, app,
    async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
      const hasBody = body !== undefined;
      const answer = await app.request(`/api${path}`, { method, headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...headers }, ...(hasBody ? { body: JSON.stringify(body) } : {}) });
      const text = await answer.text();
      return { status: answer.status, json: text === '' ? {} : (JSON.parse(text) as Record<string, any>), headers: answer.headers };
    },
    async somebody(): Promise<Somebody> {
      people += 1;
      caller.address = `192.0.2.${people % 250}`;
      const email = `somebody-${people}@example.org`;
      const { json } = await caller.call('POST', '/auth/register', { email, password: PASSWORD, device: 'laptop' });
      const access = json['access_token'] as string;
      return {
        id: (json['user'] as { id: string }).id, email, access, refresh: json['refresh_token'] as string,
        call: (method, path, body) => caller.call(method, path, body, bearer(access)),
      };
    },
    close: () => database.close(),
  });
  return caller;
}
