/** Asks a ClamAV daemon about bytes. Source: clamd(8), INSTREAM: pieces with their length before them, one of length 0 ends. */
import { connect } from 'node:net';
import { AppError } from '../../shared/errors.ts';

/** Without a byte to or from it for so long it is taken for dead. */
const PATIENCE_MS = 60_000;
const MOST_ANSWER = 4096;

/**
 * @param url  tcp://host:port
 * @throws AppError 'upload/infected', and 'server/blobs' when the daemon cannot tell: what was not looked at is not taken
 */
export async function scanForVirus(url: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('it did not answer')));
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer = (answer + text).slice(0, MOST_ANSWER);
  });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  let failure: unknown;
  socket.on('error', (thrown) => (failure ??= thrown));
  const send = async (bytes: Uint8Array | string): Promise<void> => {
    if (!socket.writable) return;
    if (!socket.write(bytes)) await Promise.race([new Promise((drained) => socket.once('drain', drained)), closed]);
  };
  const lengthOf = (bytes: number): Uint8Array => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes);
    return length;
  };
  try {
    await send('zINSTREAM\0');
    for await (const chunk of chunks) {
      // It answers early when it has had enough.
      if (answer !== '' || failure !== undefined) break;
      await send(lengthOf(chunk.length));
      await send(chunk);
    }
    await send(lengthOf(0));
    await closed;
  } finally {
    socket.destroy();
  }
  const said = answer.replace(/\0/g, '').trim();
  if (/^stream: OK$/.test(said)) return;
  const found = /^stream: (.+) FOUND$/.exec(said)?.[1];
  if (found) throw new AppError('upload/infected', { detail: found });
  throw new AppError('server/blobs', { detail: `the virus scanner: ${said || (failure as Error | undefined)?.message || 'no answer'}` }, { cause: failure });
}
