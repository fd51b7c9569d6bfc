import { describe, expect, test } from 'vitest';
import { type ByteSource, byteSourceFromArray } from '../../../wasm/formats/byte-source.ts';
import { heldFileKey, newFileKey } from '../../../web/vault/file-key.ts';
import { openedSource } from '../../../web/vault/opening.ts';
import { HEADER_BYTES, plainBytesOf, sealedBytesOf, settledBytesOf, TAG_BYTES } from '../../../web/vault/sealed-format.ts';
import { sealedSource, sealer } from '../../../web/vault/sealing.ts';
import { randomNumbers } from '../../support/signals.ts';
import vectors from './sealed-file.vectors.json' with { type: 'json' };

const fromHex = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const whole = (source: ByteSource): Promise<Uint8Array<ArrayBuffer>> => source.read(0, source.bytes);

const CHUNK = 64;
const STRIDE = CHUNK + TAG_BYTES;
const { secret, salt } = newFileKey();
const held = await heldFileKey(secret);

/** Bytes that differ from chunk to chunk. */
function plainOf(bytes: number): Uint8Array<ArrayBuffer> {
  const random = randomNumbers(bytes + 1);
  return Uint8Array.from({ length: bytes }, () => Math.floor(256 * random()));
}
const sealedOf = (plain: Uint8Array<ArrayBuffer>): Promise<ByteSource> => sealedSource(byteSourceFromArray(plain), held, { chunkLog2: 6, salt });

test.each(vectors)('the sealed file of $name is the one of the vectors, made by another program', async ({ key, salt: vectorSalt, chunkLog2, plain, sealed }) => {
  const vectorKey = await heldFileKey(fromHex(key));
  expect(toHex(await whole(await sealedSource(byteSourceFromArray(fromHex(plain)), vectorKey, { chunkLog2, salt: fromHex(vectorSalt) })))).toBe(sealed);
  expect(toHex(await whole(await openedSource(byteSourceFromArray(fromHex(sealed)), vectorKey)))).toBe(plain);
});

test('lengths follow from each other, and a length that no file has is refused', () => {
  for (let plain = 0; plain < 400; plain += 1) expect(plainBytesOf(sealedBytesOf(plain, 6), 6)).toBe(plain);
  for (const bytes of [0, HEADER_BYTES, HEADER_BYTES + TAG_BYTES - 1, HEADER_BYTES + STRIDE + TAG_BYTES]) expect(() => plainBytesOf(bytes, 6)).toThrow(expect.objectContaining({ code: 'vault/damaged' }));
});

test('any range of the sealed file is the same as that range of the whole, so that an upload can go on from anywhere', async () => {
  const plain = plainOf(5 * CHUNK + 17);
  const sealed = await whole(await sealedOf(plain));
  const again = await sealedOf(plain);
  const random = randomNumbers(9);
  for (let i = 0; i < 200; i += 1) {
    const offset = Math.floor(random() * (sealed.length + 10));
    const length = Math.floor(random() * 3 * STRIDE);
    expect(toHex(await again.read(offset, length))).toBe(toHex(sealed.subarray(offset, offset + length)));
  }
});

test('any range of the plaintext is read from a sealed file, fetching no more than the chunks that hold it', async () => {
  const plain = plainOf(20 * CHUNK + 5);
  const sealed = await whole(await sealedOf(plain));
  let fetched = 0;
  const counting: ByteSource = { bytes: sealed.length, read: async (offset, length) => ((fetched += length), sealed.slice(offset, offset + length)) };
  const opened = await openedSource(counting, held);
  const random = randomNumbers(3);
  for (let i = 0; i < 100; i += 1) {
    const offset = Math.floor(random() * plain.length);
    const length = Math.floor(random() * 2 * CHUNK);
    fetched = 0;
    expect(toHex(await opened.read(offset, length))).toBe(toHex(plain.subarray(offset, offset + length)));
    expect(fetched).toBeLessThanOrEqual((Math.ceil(length / CHUNK) + 1) * STRIDE);
  }
  const into = new Uint8Array(50);
  expect(toHex(await opened.read(100, 30, into))).toBe(toHex(plain.subarray(100, 130)));
  expect(toHex(into.subarray(0, 30))).toBe(toHex(plain.subarray(100, 130)));
});

describe('a sealed file is refused', () => {
  const plain = plainOf(4 * CHUNK + 10);
  const sealing = sealedOf(plain).then(whole);
  const refused = async (change: (sealed: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>, key = held): Promise<void> => {
    const changed = change((await sealing).slice());
    await expect(openedSource(byteSourceFromArray(changed), key).then(whole)).rejects.toMatchObject({ code: 'vault/damaged' });
  };
  const chunkAt = (index: number): number => HEADER_BYTES + index * STRIDE;

  test('with any one bit changed, header and tags included', async () => {
    const length = (await sealing).length;
    for (let at = 0; at < length; at += 1) {
      if (at === 4) continue;
      await refused((sealed) => {
        sealed[at]! ^= 1 << at % 8;
        return sealed;
      });
    }
  });

  test('cut anywhere, between chunks too, before a byte of it is used', async () => {
    const sealed = await sealing;
    for (let length = 0; length < sealed.length; length += 1) await expect(openedSource(byteSourceFromArray(sealed.slice(0, length)), held)).rejects.toMatchObject({ code: 'vault/damaged' });
  });

  test('with bytes or whole chunks behind its end', async () => {
    for (const more of [1, TAG_BYTES, STRIDE]) await refused((sealed) => Uint8Array.from([...sealed, ...sealed.subarray(chunkAt(0), chunkAt(0) + more)]));
  });

  test('with chunks exchanged, left out or doubled', async () => {
    const order = (indices: readonly number[]) => (sealed: Uint8Array<ArrayBuffer>) =>
      Uint8Array.from([...sealed.subarray(0, HEADER_BYTES), ...indices.flatMap((index) => [...sealed.subarray(chunkAt(index), chunkAt(index + 1))])]);
    for (const indices of [[1, 0, 2, 3, 4], [0, 2, 3, 4], [0, 1, 1, 2, 3, 4], [0, 1, 2, 4, 3], [4, 1, 2, 3, 0]]) await refused(order(indices));
  });

  test('under another key, and with the header of another file', async () => {
    await refused((sealed) => sealed, await heldFileKey(newFileKey().secret));
    await refused((sealed) => {
      sealed.set(newFileKey().salt, 16);
      return sealed;
    });
  });

  test('of a version to come, which is said', async () => {
    const newer = (await sealing).slice();
    newer[4] = 2;
    await expect(openedSource(byteSourceFromArray(newer), held)).rejects.toMatchObject({ code: 'vault/newer' });
  });
});

test('what is sealed of a file while it grows is the beginning of what it becomes', async () => {
  const plain = plainOf(6 * CHUNK);
  const sealed = await whole(await sealedOf(plain));
  const seal = await sealer(held, { chunkLog2: 6, salt });
  for (const durable of [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 1, 6 * CHUNK]) {
    const settled = settledBytesOf(durable, 6);
    const parts = [...seal.header];
    for (let index = 0; parts.length < settled; index += 1) parts.push(...(await seal.chunk(index, false, plain.subarray(index * CHUNK, (index + 1) * CHUNK))));
    expect(toHex(Uint8Array.from(parts))).toBe(toHex(sealed.subarray(0, settled)));
    // Nothing is sealed that is not there yet, and nothing that could still turn out to be the end.
    expect((settled - HEADER_BYTES) / STRIDE).toBe(Math.max(0, Math.ceil(durable / CHUNK) - 1));
  }
});
