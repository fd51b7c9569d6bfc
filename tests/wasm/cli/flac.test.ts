import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Notice } from '../../../shared/pcm.ts';
import { byteSourceFromArray } from '../../../wasm/formats/byte-source.ts';
import { openEngine } from '../../../wasm/host/engine.ts';
import { engineBinary } from '../../support/engine.ts';
import { decodeFlac, type FlacFormat, isFlac } from '../../../wasm/cli/flac.ts';

const fixture = (name: string): Uint8Array => Uint8Array.from(readFileSync(fileURLToPath(new URL(`./flac/${name}.flac`, import.meta.url))));

async function decode(bytes: Uint8Array): Promise<{ format: FlacFormat; channels: Float32Array[]; notices: readonly Notice[] }> {
  let format: FlacFormat | null = null;
  const pieces: Float32Array[][] = [];
  const notices = await decodeFlac(
    byteSourceFromArray(bytes),
    await openEngine(await engineBinary()),
    async (found) => void (format = found),
    async (channels) => void pieces.push(channels.map((row) => row.slice())),
  );
  const channels = pieces[0]!.map((_, c) => Float32Array.from(pieces.flatMap((piece) => [...piece[c]!])));
  return { format: format!, channels, notices };
}

/** MD5 over interleaved little-endian integers, as STREAMINFO has it. */
function md5(channels: readonly Float32Array[], bits: number): string {
  const width = bits / 8;
  const bytes = Buffer.alloc(channels.length * channels[0]!.length * width);
  channels.forEach((row, c) => row.forEach((value, i) => bytes.writeIntLE(Math.round(value * 2 ** (bits - 1)), (i * channels.length + c) * width, width)));
  return createHash('md5').update(bytes).digest('hex');
}

test.each([
  ['stereo-16', 16, 44_100],
  ['mono-24', 24, 96_000],
  ['left-side-gap-16', 16, 48_000],
  ['wasted-bits-16', 16, 8000],
  ['noise-24', 24, 48_000],
])('%s decodes to the samples that were encoded', async (name, bits, sampleRate) => {
  const bytes = fixture(name);
  const { format, channels, notices } = await decode(bytes);
  expect(format).toEqual({ sampleRate, channels: channels.length });
  expect(md5(channels, bits)).toBe(Buffer.from(bytes.subarray(26, 42)).toString('hex'));
  expect(notices).toEqual([]);
});

test('six channels are folded down to two, and it is said', async () => {
  const { channels, notices } = await decode(fixture('six-channels-16'));
  expect(channels).toHaveLength(2);
  expect(notices).toEqual([{ code: 'audio/folded-down', args: { channels: 6 } }]);
});

test('a file that ends early is used up to there, and it is said', async () => {
  const whole = fixture('wasted-bits-16');
  const { channels, notices } = await decode(whole.subarray(0, Math.round(whole.length * 0.6)));
  expect(channels[0]!.length).toBeGreaterThan(500);
  expect(channels[0]!.length).toBeLessThan(2000);
  expect(notices.map(({ code }) => code)).toEqual(['audio/truncated']);
});

test('a damaged frame is noticed, not played', async () => {
  const damaged = fixture('wasted-bits-16');
  damaged[200]! ^= 0x10;
  await expect(decode(damaged)).rejects.toMatchObject({ code: 'audio/decode-failed' });
});

test('an ID3 tag in front is passed over; other files are not FLAC', async () => {
  const tag = Uint8Array.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5]);
  const tagged = Uint8Array.from([...tag, ...fixture('mono-24')]);
  expect(await isFlac(byteSourceFromArray(tagged))).toBe(true);
  expect((await decode(tagged)).channels[0]!.length).toBe(3000);
  expect(await isFlac(byteSourceFromArray(Uint8Array.from([1, 2, 3])))).toBe(false);
});

test('wherever a bit is wrong, it is noticed, or was not a sample', async () => {
  const whole = fixture('stereo-16');
  const wanted = await decode(whole);
  // Where sound begins: behind STREAMINFO lies a block of padding or tags.
  let at = 4;
  for (let isLast = false; !isLast; at += 4 + ((whole[at + 1]! << 16) | (whole[at + 2]! << 8) | whole[at + 3]!)) isLast = (whole[at]! & 0x80) !== 0;
  let noticed = 0;
  for (let k = 0; k < 200; k += 1) {
    const damaged = whole.slice();
    damaged[at + ((k * 7919) % (whole.length - at))]! ^= 1 << (k & 7);
    const outcome = await decode(damaged).catch(({ code }) => code as string);
    if (typeof outcome === 'string') expect(outcome).toBe('audio/decode-failed');
    else if (outcome.notices.length === 0) expect(outcome.channels).toEqual(wanted.channels);
    noticed += typeof outcome === 'string' || outcome.notices.length > 0 ? 1 : 0;
  }
  expect(noticed).toBeGreaterThan(190);
});

test('a file cut anywhere gives the frames that are whole, or says that there is none', async () => {
  const whole = fixture('wasted-bits-16');
  const wanted = await decode(whole);
  for (let length = 60; length < whole.length; length += 37) {
    const outcome = await decode(whole.subarray(0, length)).catch(({ code }) => code as string);
    if (typeof outcome === 'string') expect(['audio/decode-failed', 'audio/empty']).toContain(outcome);
    else {
      expect(outcome.notices.map(({ code }) => code)).toEqual(['audio/truncated']);
      expect(outcome.channels[0]).toEqual(wanted.channels[0]!.subarray(0, outcome.channels[0]!.length));
    }
  }
});
