/** The client of a load bench, a program of its own, on bare sockets: so light that the server is what is measured. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { noiseBytes } from '../noise-bytes.ts';
import { CHUNK, sealedMetadata, TUS } from '../tus.ts';
import type { Asked, Order, Rate, Uploaded } from './messages.ts';

let numbers = 0;

function written({ method, path, token, body }: Asked): () => string {
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n`;
  if (body === undefined) return () => `${head}\r\n`;
  return () => {
    const whole = body.replace('{n}', `${process.pid}-${numbers++}`);
    return `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(whole)}\r\n\r\n${whole}`;
  };
}

/** @returns status, once the whole answer is there; otherwise null */
function wholeAnswer(heard: string): number | null {
  const end = heard.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const head = heard.slice(0, end).toLowerCase();
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
  const isWhole = length !== undefined ? heard.length >= end + 4 + Number(length) : heard.endsWith('0\r\n\r\n');
  return isWhole ? Number(head.slice(9, 12)) : null;
}

/** One request after the other. @param told  ms and status of each */
async function converse(port: number, next: () => string, isOver: () => boolean, told: (ms: number, status: number) => void): Promise<void> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
  let [heard, startMs] = ['', performance.now()];
  socket.on('data', (text: string) => {
    heard += text;
    const status = wholeAnswer(heard);
    if (status === null) return;
    told(performance.now() - startMs, status);
    if (isOver()) {
      socket.destroy();
      return;
    }
    [heard, startMs] = ['', performance.now()];
    socket.write(next());
  });
  socket.write(next());
  await once(socket, 'close');
}

async function rateOf({ port, asked, connections, seconds }: Extract<Order, { kind: 'rate' }>): Promise<Rate> {
  const times: number[] = [];
  let failures = 0;
  const [startMs, cpu] = [performance.now(), process.cpuUsage()];
  const isOver = (): boolean => performance.now() - startMs > 1000 * seconds;
  const told = (ms: number, status: number): void => {
    if (status >= 200 && status < 300) times.push(ms);
    else failures += 1;
  };
  await Promise.all(Array.from({ length: connections }, () => converse(port, written(asked), isOver, told)));
  const tookMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { answers: times.length, failures, perSecond: (1000 * times.length) / tookMs, p50Ms: at(0.5), p99Ms: at(0.99), clientShare: (user + system) / 1000 / tookMs };
}

const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

async function sent(port: number, method: string, path: string, headers: Record<string, string | number>, body?: Uint8Array): Promise<IncomingMessage> {
  const call = request({ port, host: '127.0.0.1', method, path, agent, headers: { ...headers, ...(body ? { 'content-length': body.length } : {}) } });
  call.end(body);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  return answer;
}

async function uploadsOf({ port, tokens, uploads, bytes, isChecked }: Extract<Order, { kind: 'uploads' }>): Promise<Uploaded> {
  // Each begins elsewhere in the same noise.
  const noise = noiseBytes(bytes + uploads, 7);
  const files = Array.from({ length: uploads }, (_, n) => ({ bytes: noise.subarray(n, n + bytes), authorization: `Bearer ${tokens[n % tokens.length]!}`, metadata: sealedMetadata(noise.subarray(n, n + bytes)) }));
  const failures: string[] = [];
  const refused = (why: string): null => {
    failures.push(why);
    return null;
  };
  const startMs = performance.now();
  const places = await Promise.all(files.map(async ({ bytes: body, authorization, metadata }) => {
    const begun = await sent(port, 'POST', '/api/uploads', { ...TUS, authorization, 'upload-length': body.length, 'upload-metadata': metadata });
    begun.resume();
    const place = begun.headers.location;
    if (begun.statusCode !== 201 || place === undefined) return refused(`POST ${begun.statusCode}`);
    const ended = await sent(port, 'PATCH', place, { ...CHUNK, authorization, 'upload-offset': 0 }, body);
    ended.resume();
    return ended.statusCode === 204 ? place : refused(`PATCH ${ended.statusCode}`);
  }));
  const seconds = (performance.now() - startMs) / 1000;
  let different = 0;
  for (const [n, place] of places.entries()) {
    if (place === null || !isChecked) continue;
    const answer = await sent(port, 'GET', place.replace('uploads', 'blobs'), { authorization: files[n]!.authorization });
    const hash = createHash('sha256');
    for await (const chunk of answer) hash.update(chunk as Buffer);
    if (hash.digest('hex') !== createHash('sha256').update(files[n]!.bytes).digest('hex')) different += 1;
  }
  agent.destroy();
  return { seconds, failures, different };
}

/** Opened, heard until its first word, and left. */
async function streamsOf({ port, tokens, cycles, atOnce }: Extract<Order, { kind: 'streams' }>): Promise<number> {
  let [begun, failures] = [0, 0];
  await Promise.all(Array.from({ length: atOnce }, async (_, n) => {
    while (begun++ < cycles) {
      const call = get({ port, host: '127.0.0.1', path: '/api/jobs/events', agent: false, headers: { authorization: `Bearer ${tokens[n % tokens.length]!}` } });
      call.on('error', () => undefined);
      const [answer] = (await once(call, 'response')) as [IncomingMessage];
      if (answer.statusCode !== 200) failures += 1;
      await once(answer, 'data');
      answer.destroy();
    }
  }));
  return failures;
}

process.on('message', (order: Order) => {
  const work: Promise<unknown> = order.kind === 'rate' ? rateOf(order) : order.kind === 'uploads' ? uploadsOf(order) : streamsOf(order);
  work.then((done) => process.send!({ done }), (thrown: unknown) => process.send!({ failed: String(thrown) }));
});
process.send!('ready');
