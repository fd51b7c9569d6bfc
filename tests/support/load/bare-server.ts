/** The yardstick, a program of its own: bare `node:http`, which answers every request with bytes that it holds in memory. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BareAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** By method and path. */
const answers = new Map<string, { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly bytes: Buffer }>();

const server = createServer((request, response) => {
  const key = `${request.method} ${request.url}`;
  if (request.url === '/api/jobs/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: ready\nid: 0\ndata: {}\n\n');
    return;
  }
  request.resume();
  request.on('end', () => {
    if (key === 'POST /api/uploads') response.writeHead(201, { location: '/api/uploads/one' }).end();
    else if (request.method === 'PATCH') response.writeHead(204).end();
    else {
      const answer = answers.get(key)!;
      response.writeHead(answer.status, answer.headers).end(answer.bytes);
    }
  });
}).listen(0, '127.0.0.1');

process.on('message', (given: { readonly key: string; readonly answer: BareAnswer } | string) => {
  if (typeof given === 'string') return;
  const { status, headers, body } = given.answer;
  answers.set(given.key, { status, headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) }, bytes: Buffer.from(body) });
  process.send!({ known: given.key });
});
await once(server, 'listening');
process.send!({ port: (server.address() as AddressInfo).port });
