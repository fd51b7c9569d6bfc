import { describe, expect, test } from 'vitest';
import { byteSourceFromBlob } from '../../../wasm/formats/byte-source.ts';
import { randomNumbers } from '../../support/signals.ts';

const BYTES = 33 * 1024 * 1024 + 123;
const bytes = new Uint8Array(BYTES).map((_, i) => (i * 2_654_435_761) >>> 24);

/** A blob that counts how often something is fetched from it. */
function counted() {
  const blob = new Blob([bytes]);
  const slice = blob.slice.bind(blob);
  const fetches: number[] = [];
  blob.slice = (from = 0, to = BYTES) => {
    fetches.push(to - from);
    return slice(from, to);
  };
  return { source: byteSourceFromBlob(blob), fetches };
}

describe('bytes of a blob', () => {
  test('read from start to end in short pieces are what is there, fetched in few long ones', async () => {
    const { source, fetches } = counted();
    const into = new Uint8Array(100_003);
    for (let at = 0; at < BYTES; at += into.length) {
      const piece = await source.read(at, into.length, into);
      expect(Buffer.compare(piece, bytes.subarray(at, at + into.length))).toBe(0);
    }
    expect(fetches.length).toBeLessThan(8);
  });

  test('read here and there, in turns and at once, are what is there; no more is fetched than asked for', async () => {
    const { source, fetches } = counted();
    const next = randomNumbers(5);
    const places = Array.from({ length: 200 }, () => [Math.floor(next() * BYTES), Math.floor(next() * 3e5)] as const);
    await Promise.all(places.map(async ([offset, length]) => {
      expect(Buffer.compare(await source.read(offset, length), bytes.subarray(offset, offset + length))).toBe(0);
    }));
    expect(fetches.reduce((sum, fetched) => sum + fetched, 0)).toBeLessThanOrEqual(places.reduce((sum, [, length]) => sum + length, 0));
  });

  test('end where the blob ends, and a piece belongs to who read it', async () => {
    const { source } = counted();
    expect(await source.read(BYTES - 5, 10)).toEqual(bytes.slice(BYTES - 5));
    expect((await source.read(BYTES, 10)).length).toBe(0);
    for (const offset of [0, 10, 20, 30]) (await source.read(offset, 10)).fill(7);
    expect(await source.read(40, 10)).toEqual(bytes.slice(40, 50));
    expect(await source.read(20, 10)).toEqual(bytes.slice(20, 30));
  });
});
