/** `npm run bench -- uploads [--kills N] [--seed N]`: a long file through a server that is killed and a line that is cut. */
import { randomInt } from 'node:crypto';
import { createKillableServer } from '../support/killable-server.ts';
import { noiseBytes } from '../support/noise-bytes.ts';
import { download, type Fault, signUp, uploadThroughFaults } from '../support/upload-faults.ts';
import type { Bench, BenchRow } from './bench.ts';

const BYTES = 200_000_000;

function argument(name: string, usual: number): number {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? usual : Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} wants a whole number.`);
  return value;
}

/** As often killed as cut, at bytes that chance picks. */
function faultsOf(count: number, seed: number): Fault[] {
  const numbers = new Uint32Array(noiseBytes(8 * count, seed).buffer, 0, 2 * count);
  return Array.from(numbers, (number, i) => ({ kind: i % 2 === 0 ? 'kill' : 'cut', atByte: 1 + (number % (BYTES - 2)) }));
}

export const bench: Bench = {
  name: 'uploads',
  about: 'a file of 200 MB, the server killed (SIGKILL) at 20 bytes and the line cut at 20 more; goal: byte for byte, nothing acknowledged lost',
  yardstick: 'the same file without a fault, in the same run',
  async run() {
    const [kills, seed] = [argument('kills', 20), argument('seed', randomInt(1, 2 ** 31))];
    const bytes = noiseBytes(BYTES, seed);
    const server = await createKillableServer();
    try {
      await server.start();
      const restart = async (): Promise<void> => {
        await server.kill();
        await server.start();
      };
      const plain = await signUp(server.url, 'plain@example.org');
      const whole = await uploadThroughFaults({ url: server.url, bytes, faults: [], restart }, plain);
      const who = await signUp(server.url, 'faults@example.org');
      const report = await uploadThroughFaults({ url: server.url, bytes, faults: faultsOf(kills, seed), restart }, who);
      const isSame = (await download(server.url, who, report.id)).equals(bytes);
      const row = (what: string, ours: number, unit: string, yardstick: number | null = null, note = ''): BenchRow => ({ what, ours, yardstick, unit, ratio: null, ...(note === '' ? {} : { note }) });
      return [
        row('bytes that differ', isSame ? 0 : 1, 'files', 0, isSame ? `seed ${seed}` : `seed ${seed}: NOT THE SAME`),
        row('acknowledged bytes lost', report.lostAcknowledged, 'times', 0),
        row('faults', report.offsets.length - 1, 'times', null, `${kills} kills, ${kills} cuts`),
        row('sent again after a fault, at most', report.mostAgain / 1e6, 'MB'),
        row('rate without a fault, hash and disk included', BYTES / 1e6 / whole.seconds, 'MB/s'),
        row('time with faults, restarts included', report.seconds, 's', whole.seconds),
      ];
    } finally {
      await server.remove();
    }
  },
};
