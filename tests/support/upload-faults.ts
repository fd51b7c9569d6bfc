/** An upload over a real connection to a server that is killed, and over a line that is cut, at chosen bytes. */
import { request } from 'node:http';
import { CHUNK, sealedMetadata, TUS } from './tus.ts';

export interface Fault {
  readonly kind: 'kill' | 'cut';
  /** When so many bytes of the whole have been handed to the line. */
  readonly atByte: number;
}

export interface FaultReport {
  readonly id: string;
  /** The server's own, after each fault. */
  readonly offsets: readonly number[];
  /** The most that had to be sent again after one fault, bytes. */
  readonly mostAgain: number;
  /** Where it was less than it had once acknowledged: never. */
  readonly lostAcknowledged: number;
  readonly seconds: number;
}

export interface FaultyParts {
  readonly url: string;
  readonly bytes: Buffer<ArrayBuffer>;
  readonly faults: readonly Fault[];
  /** Kills the server and starts it again. */
  restart(): Promise<void>;
}

export interface SignedIn {
  readonly access: string;
  readonly refresh: string;
}

async function json<T>(answer: Promise<Response>): Promise<T> {
  const got = await answer;
  if (!got.ok) throw new Error(`${got.status} ${await got.text()}`);
  return (await got.json()) as T;
}

const post = (url: string, body: unknown): Promise<Response> => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

export async function signUp(url: string, email: string): Promise<SignedIn> {
  const { access_token, refresh_token } = await json<{ access_token: string; refresh_token: string }>(post(`${url}/api/auth/register`, { email, password: 'a long enough secret', device: 'x' }));
  return { access: access_token, refresh: refresh_token };
}

export async function renewed(url: string, { refresh }: SignedIn): Promise<SignedIn> {
  const { access_token, refresh_token } = await json<{ access_token: string; refresh_token: string }>(post(`${url}/api/auth/refresh`, { refresh_token: refresh }));
  return { access: access_token, refresh: refresh_token };
}

const PIECE = 64 * 1024;

/**
 * One PATCH from `from` on, broken off when `fault` says.
 * @returns status, or null where there was no answer
 */
function send(url: string, access: string, bytes: Buffer, from: number, fault: Fault | undefined, onFault: () => void): Promise<number | null> {
  return new Promise((resolve) => {
    const call = request(url, { method: 'PATCH', headers: { ...CHUNK, authorization: `Bearer ${access}`, 'upload-offset': from, 'content-length': bytes.length - from } });
    let isOver = false;
    const end = (status: number | null): void => {
      isOver = true;
      resolve(status);
    };
    call.on('response', (answer) => {
      answer.resume();
      answer.on('close', () => end(answer.statusCode ?? null));
    });
    call.on('error', () => end(null));
    const closed = new Promise<void>((done) => call.on('close', done));
    void closed.then(() => end(null));
    void (async () => {
      for (let at = from; at < bytes.length && !isOver; ) {
        const to = Math.min(at + PIECE, fault === undefined ? bytes.length : Math.max(fault.atByte, at), bytes.length);
        if (to > at && !call.write(bytes.subarray(at, to))) await Promise.race([new Promise((drained) => call.once('drain', drained)), closed]);
        at = to;
        if (fault !== undefined && at >= fault.atByte) {
          onFault();
          if (fault.kind === 'cut') call.destroy();
          return;
        }
      }
      call.end();
    })();
  });
}

export async function uploadThroughFaults({ url, bytes, faults, restart }: FaultyParts, who: SignedIn): Promise<FaultReport> {
  let signed = who;
  const startedMs = performance.now();
  const begun = await fetch(`${url}/api/uploads`, { method: 'POST', headers: { ...TUS, authorization: `Bearer ${signed.access}`, 'upload-length': String(bytes.length), 'upload-metadata': sealedMetadata(bytes) } });
  if (begun.status !== 201) throw new Error(`not begun: ${begun.status} ${await begun.text()}`);
  const path = `${url}${begun.headers.get('location')!}`;
  const due = faults.toSorted((a, b) => a.atByte - b.atByte);
  const offsets: number[] = [];
  let [acknowledged, mostAgain, lostAcknowledged, sent] = [0, 0, 0, 0];
  for (let tries = 0; ; tries += 1) {
    if (tries > faults.length + 40) throw new Error('it comes to no end');
    const state = await fetch(path, { method: 'HEAD', headers: { ...TUS, authorization: `Bearer ${signed.access}` } });
    if (state.status === 401) {
      signed = await renewed(url, signed);
      continue;
    }
    if (state.status !== 200) throw new Error(`HEAD: ${state.status}`);
    const offset = Number(state.headers.get('upload-offset'));
    if (offset < acknowledged) lostAcknowledged += 1;
    acknowledged = offset;
    if (tries > 0) offsets.push(offset);
    mostAgain = Math.max(mostAgain, sent - offset);
    if (state.headers.has('tonetwin-blob')) break;
    // One that lies behind what is kept by now would never come.
    while (due.length > 0 && due[0]!.atByte <= offset) due[0] = { ...due[0]!, atByte: offset + 1 };
    const fault = due[0];
    let restarting: Promise<void> | null = null;
    const status = await send(path, signed.access, bytes, offset, fault, () => {
      due.shift();
      sent = fault!.atByte;
      if (fault!.kind === 'kill') restarting = restart();
    });
    await (restarting as Promise<void> | null);
    if (fault === undefined && status !== null && status !== 204) throw new Error(`PATCH: ${status}`);
  }
  return { id: path.split('/').at(-1)!, offsets, mostAgain, lostAcknowledged, seconds: (performance.now() - startedMs) / 1000 };
}

/** The file as the server has it now. */
export async function download(url: string, who: SignedIn, id: string): Promise<Buffer> {
  const { access } = await renewed(url, who);
  const answer = await fetch(`${url}/api/blobs/${id}`, { headers: { authorization: `Bearer ${access}` } });
  if (answer.status !== 200) throw new Error(`GET: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}
