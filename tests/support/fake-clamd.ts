/** A fake of ClamAV's daemon: speaks its INSTREAM as clamd(8) describes it, and finds one word instead of viruses. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

export const FOUND_BY_FAKE = 'FAKE-VIRUS-OF-A-TEST';

export interface FakeClamd {
  readonly url: string;
  /** Bytes of each stream that it was given. */
  readonly streams: number[];
  stop(): void;
}

export async function startFakeClamd(): Promise<FakeClamd> {
  const streams: number[] = [];
  const server = createServer((socket) => {
    let held = Buffer.alloc(0);
    let isBegun = false;
    const chunks: Buffer[] = [];
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      held = Buffer.concat([held, bytes]);
      const command = 'zINSTREAM\0';
      if (!isBegun && held.length >= command.length) {
        if (held.toString('latin1', 0, command.length) !== command) {
          socket.end('UNKNOWN COMMAND\0');
          return;
        }
        isBegun = true;
        held = held.subarray(command.length);
      }
      while (isBegun && held.length >= 4) {
        const length = held.readUInt32BE(0);
        if (length === 0) {
          const whole = Buffer.concat(chunks);
          streams.push(whole.length);
          socket.end(whole.includes(FOUND_BY_FAKE) ? 'stream: Fake.Test-1 FOUND\0' : 'stream: OK\0');
          return;
        }
        if (held.length < 4 + length) return;
        chunks.push(held.subarray(4, 4 + length));
        held = held.subarray(4 + length);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, streams, stop: () => void server.close() };
}
