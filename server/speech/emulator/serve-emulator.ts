/** The emulator on a port of this machine alone. */
import { serve } from '@hono/node-server';
import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { createEmulatorApp, type EmulatorParts } from './app.ts';
import { badRequest } from './refusal.ts';
import { speakOver } from './realtime.ts';
import { SYSTEM_VOICES } from './system-voices.ts';

export interface RunningEmulator {
  /** With /v1. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

const MOST_MESSAGE_BYTES = 64 * 1024;

/** @param port 0: any that is free */
export async function serveEmulator(parts: EmulatorParts, port = 0): Promise<RunningEmulator> {
  const app = createEmulatorApp(parts);
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }) as Server;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_MESSAGE_BYTES });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const [, given] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
    const status = pathname !== '/v1/realtime/audio' ? '404 Not Found' : !given || (parts.key !== null && given !== parts.key) ? '401 Unauthorized' : null;
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
      return;
    }
    const characterOfVoice = (voice: string, model: string) => {
      const found = SYSTEM_VOICES.find(({ id }) => id === voice) ?? parts.store.voices().find((one) => one.id === voice && one.model === model);
      if (!found) throw badRequest(`voice ${voice} is not supported by model ${model}`);
      return found.character;
    };
    sockets.handleUpgrade(request, socket, head, (open) => speakOver(open, { ...parts, model: searchParams.get('model') ?? '', characterOfVoice }));
  });
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
