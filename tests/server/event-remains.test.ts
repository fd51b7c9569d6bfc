import { serve } from '@hono/node-server';
import { once } from 'node:events';
import { get, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { queryObjects } from 'node:v8';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiCaller, openApiCaller } from './support/api-caller.ts';

let caller: ApiCaller;
let server: Server;
beforeAll(async () => {
  caller = await openApiCaller();
  server = serve({ fetch: caller.app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  await once(server, 'listening');
}, 120_000);
afterAll(async () => {
  server.close();
  await caller.close();
});

/** What Node keeps for each duration that somebody waits for; it has no other name outside. */
function listOfTimers(): () => void {
  const timer = setTimeout(() => undefined, 123_457) as unknown as { readonly _idlePrev: { readonly constructor: () => void } };
  const { constructor } = timer._idlePrev;
  clearTimeout(timer as unknown as NodeJS.Timeout);
  return constructor;
}

/** Each stream has one or more of these. */
const KEPT = { Response, ReadableStream, AbortController, Socket, TimersList: listOfTimers() };

async function openedAndLeft(token: string, streams: number): Promise<void> {
  for (let n = 0; n < streams; n += 1) {
    // No two streams have the same time left.
    caller.nowMs += 7;
    const call = get({ port: (server.address() as AddressInfo).port, path: '/api/jobs/events', agent: false, headers: { authorization: `Bearer ${token}` } });
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    await once(answer, 'data');
    answer.destroy();
  }
  await expect.poll(() => caller.api.events.count()).toBe(0);
}

test('of 100 event streams that were opened and left nothing stays in memory', async () => {
  await openedAndLeft((await caller.somebody()).access, 100);
  // V8 collects its garbage before it counts; the last few are still on their way out, and the listening server has its own.
  const alive = Object.entries(KEPT).map(([name, kind]) => [name, queryObjects(kind, { format: 'count' })] as const);
  expect(alive.filter(([, count]) => count > 20)).toEqual([]);
}, 30_000);
