import { expect, test } from 'vitest';
import { growingSource } from '../../../../web/jobs/sync/plain-source.ts';
import type { UploadSeal } from '../../../../web/storage/contract.ts';
import { heldFileKey, newFileKey } from '../../../../web/vault/file-key.ts';
import { sealedSource } from '../../../../web/vault/sealing.ts';
import { byteSourceFromArray } from '../../../../wasm/formats/byte-source.ts';
import { randomNumbers } from '../../../support/signals.ts';
import { rejection } from '../workplace.ts';

const random = randomNumbers(1);
const whole = Uint8Array.from({ length: 3_300_000 }, () => Math.floor(256 * random()));
const { secret, salt } = newFileKey();
const seal: UploadSeal = { vaultId: 'one', key: await heldFileKey(secret), salt, chunkLog2: 16, sealed: '', tag: null, plainBytes: null, settledBytes: 0 };

/** A take that gets on by so much at each look. */
function growing(step: number, { endAt = whole.length, ...rest }: Partial<UploadSeal> & { endAt?: number } = {}) {
  let bytes = 0;
  const settled: number[] = [];
  const source = growingSource({
    seal: { ...seal, ...rest }, signal: new AbortController().signal,
    open: () => Promise.resolve(byteSourceFromArray(whole.subarray(0, bytes))),
    end: () => Promise.resolve(bytes >= whole.length ? endAt : null),
    settle: async (promised) => void settled.push(promised),
    async sleep() {
      bytes = Math.min(whole.length, bytes + step);
    },
  });
  return { source, settled, written: () => bytes };
}

test('a take is sealed while it is recorded, only what was there a look before, and is in the end what it would be sealed at once', async () => {
  const { source, settled, written } = growing(400_000);
  const parts: number[] = [];
  let sentWhileGrowing = 0;
  for (let isEnd = false; !isEnd; ) {
    const piece = await source.read(parts.length, 1_500_000);
    if (!piece.isEnd && settled.length > 0) {
      expect(settled.at(-1)).toBeLessThan(Math.max(written(), 1));
      sentWhileGrowing = parts.length + piece.bytes.length;
    }
    for (const byte of piece.bytes) parts.push(byte);
    isEnd = piece.isEnd;
  }
  const sealed = await sealedSource(byteSourceFromArray(whole), seal.key, { chunkLog2: 16, salt });
  expect(Buffer.from(parts).equals(Buffer.from(await sealed.read(0, sealed.bytes)))).toBe(true);
  expect(sentWhileGrowing).toBeGreaterThan(2_000_000);
});

test('a take that ends before what was sealed of it is sent from the start, under another key', async () => {
  const { source } = growing(4_000_000, { settledBytes: 3_000_000, endAt: 2_999_999 });
  expect(await rejection(source.read(0, 2_000_000).then(() => source.read(0, 2_000_000)))).toBe('upload/checksum');
});
