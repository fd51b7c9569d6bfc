import { describe, expect, test } from 'vitest';
import { memoryStorage } from '../../../../web/storage/memory/memory-storage.ts';
import { openPcmFile } from '../../../../web/storage/pcm-file.ts';
import { createDecodedSink, truncationNotice } from '../../../../web/workers/decode/decoded-sink.ts';
import { difference } from '../../../support/samples.ts';
import { whiteNoise } from '../../../support/signals.ts';

const FILE = { folder: 'decoded', id: 'a' } as const;

async function sinkInMemory() {
  const { bytes } = memoryStorage();
  const writer = await bytes.writer(FILE);
  return { bytes, sink: createDecodedSink(writer) };
}

describe('the sink of a decoder', () => {
  test('stores what comes, whatever the pieces, and reads it back', async () => {
    const [left, right] = [whiteNoise(500_000, 1), whiteNoise(500_000, 2)];
    const { bytes, sink } = await sinkInMemory();
    for (let from = 0, size = 1; from < left.length; from += size, size = (size * 7) % 90_001) {
      await sink.write([left.slice(from, from + size), right.slice(from, from + size)], 48_000, 3);
    }
    const facts = await sink.finish([]);
    expect(facts).toEqual({ readAs: 'copy', sampleRate: 48_000, channels: 2, frames: 500_000, notices: [] });
    const rows = await openPcmFile(await bytes.open(FILE), facts).read(0, 500_000);
    expect([left, right].map((row, c) => difference(rows[c]!, row).first)).toEqual([-1, -1]);
    const [piece] = await openPcmFile(await bytes.open(FILE), facts).read(499_990, 100);
    expect(difference(piece!, left.slice(499_990)).lengths).toEqual([10, 10]);
  });

  test('replaces what is no number by silence and counts it', async () => {
    const { sink } = await sinkInMemory();
    const row = whiteNoise(1000, 1);
    row[5] = NaN;
    row[6] = Infinity;
    await sink.write([row], 8000, 0);
    expect((await sink.finish([])).notices).toEqual([{ code: 'audio/repaired', args: { count: 2 } }]);
    expect([row[5], row[6]]).toEqual([0, 0]);
  });

  test('refuses a file of which more than one per cent is no number', async () => {
    const { sink } = await sinkInMemory();
    await sink.write([Float32Array.from({ length: 1000 }, (_, i) => (i < 11 ? NaN : 0))], 8000, 0);
    await expect(sink.finish([])).rejects.toMatchObject({ code: 'audio/not-finite' });
  });

  test('folds more than two channels down, with a notice', async () => {
    const { bytes, sink } = await sinkInMemory();
    await sink.write([1, 0, 0.5].map((value) => Float32Array.of(value)), 48_000, 7);
    const facts = await sink.finish([]);
    expect(facts).toMatchObject({ channels: 2, notices: [{ code: 'audio/folded-down', args: { channels: 3 } }] });
    const [left, right] = await openPcmFile(await bytes.open(FILE), facts).read(0, 1);
    expect(left![0]).toBeCloseTo(1 + 0.5 * Math.SQRT1_2, 6);
    expect(right![0]).toBeCloseTo(0.5 * Math.SQRT1_2, 6);
  });

  test.each([[4000], [384_000]])('refuses %i Hz', async (hz) => {
    const { sink } = await sinkInMemory();
    await expect(sink.write([new Float32Array(1)], hz, 0)).rejects.toMatchObject({ code: 'audio/sample-rate' });
  });

  test('hands a stream that changes its format on to another decoder', async () => {
    const { sink } = await sinkInMemory();
    await sink.write([new Float32Array(1)], 48_000, 0);
    await expect(sink.write([new Float32Array(1)], 44_100, 0)).rejects.toMatchObject({ code: 'audio/unsupported' });
  });

  test('takes nothing at all for damage', async () => {
    const { sink } = await sinkInMemory();
    await expect(sink.finish([])).rejects.toMatchObject({ code: 'audio/decode-failed' });
  });
});

test('a file that ends early is told from one whose length is rounded', () => {
  expect(truncationNotice(100, 99.9)).toEqual([]);
  expect(truncationNotice(0.5, 0.35)).toEqual([]);
  expect(truncationNotice(0, 10)).toEqual([]);
  expect(truncationNotice(NaN, 10)).toEqual([]);
  expect(truncationNotice(100, 60.04)).toEqual([{ code: 'audio/truncated', args: { seconds: 60 } }]);
});
