import { describe, expect, test } from 'vitest';
import { openEngine } from '../../../wasm/host/engine.ts';
import { resamplePcm } from '../../../wasm/host/resampler.ts';
import { byteSourceFromArray } from '../../../wasm/formats/byte-source.ts';
import { crc32 } from '../../../wasm/formats/take-journal/crc32.ts';
import { isTakeJournal, openTakeJournal, type TakeJournal } from '../../../wasm/formats/take-journal/journal-reader.ts';
import { JournalWriter } from '../../../wasm/formats/take-journal/journal-writer.ts';
import { takeFormat, takePcm } from '../../../wasm/formats/take-journal/take-pcm.ts';
import { engineBinary } from '../../support/engine.ts';
import { difference } from '../../support/samples.ts';
import { randomNumbers, sine } from '../../support/signals.ts';
import { IDENTITY, journalOf, plainJournal, ramp, segmentFacts } from '../../support/take-journal.ts';

const open = (bytes: Uint8Array): Promise<TakeJournal> => openTakeJournal(byteSourceFromArray(bytes));
const expectSame = (a: Float32Array, b: Float32Array): void => expect(difference(a, b)).toEqual({ lengths: [b.length, b.length], first: -1, largest: 0 });
const soundOf = async (journal: TakeJournal, segment = 0): Promise<Float32Array> => (await journal.read(segment, 0, Infinity))[0]!;

test('CRC-32 of "123456789" is CBF43926 (the check value of ISO 3309), at any alignment of its length', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  expect(crc32(bytes('123456789'))).toBe(0xcbf43926);
  expect(crc32(bytes(''))).toBe(0);
  // Of zlib.crc32.
  expect([crc32(bytes('a')), crc32(bytes('abc')), crc32(bytes('message digest'))]).toEqual([0xe8b7be43, 0x352441c2, 0x20159d7f]);
});

describe('a journal that is whole', () => {
  test('gives back facts, markers and every sample, wherever it is read from', async () => {
    const { bytes } = await journalOf(async (journal) => {
      await journal.segment(segmentFacts({ channels: 2, sampleRate: 44_100 }));
      for (let i = 0; i < 5; i += 1) await journal.audio(0, i * 100, [ramp(i * 100, 100), ramp(1000 + i * 100, 100)], i);
      await journal.marker({ segment: 0, frame: 250, label: 'chorus' });
      await journal.closeSegment(0, 500, 7);
      await journal.end({ endedMs: 9, why: 'stopped' });
    });
    expect(isTakeJournal(bytes)).toBe(true);
    const journal = await open(bytes);
    expect(journal).toMatchObject({
      identity: IDENTITY, markers: [{ segment: 0, frame: 250, label: 'chorus' }], end: { endedMs: 9, why: 'stopped' }, bytes: bytes.length,
      segments: [{ ...segmentFacts({ channels: 2, sampleRate: 44_100 }), frames: 500, gaps: [] }],
    });
    for (const [frame, frames] of [[0, 500], [0, 1], [99, 2], [150, 300], [499, 50], [500, 5]] as const) {
      const [left, right] = await journal.read(0, frame, frames);
      const count = Math.min(frames, 500 - frame);
      expect([[...left!], [...right!]]).toEqual([[...ramp(frame, count)], [...ramp(1000 + frame, count)]]);
    }
  });

  test('is opened by its chapters alone, without a look at its sound', async () => {
    const { bytes } = await plainJournal(1500, 1024);
    let read = 0;
    const journal = await openTakeJournal({
      bytes: bytes.length,
      read(offset, length) {
        const piece = bytes.slice(offset, offset + length);
        read += piece.length;
        return Promise.resolve(piece);
      },
    });
    expect(journal.segments[0]!.frames).toBe(1500 * 1024);
    // The beginning and the end are read in windows of 1 MB, a chapter as what it is likely to be.
    expect(read).toBeLessThan(0.4 * bytes.length);
    expectSame(await soundOf(journal), ramp(0, 1500 * 1024));
  });

  test('samples that are not numbers are kept as they are and read as silence', async () => {
    const { bytes } = await journalOf(async (journal) => {
      await journal.segment(segmentFacts());
      await journal.audio(0, 0, [Float32Array.of(1, NaN, -Infinity, 2)], 0);
    });
    const journal = await open(bytes);
    expect([...(await soundOf(journal))]).toEqual([1, NaN, -Infinity, 2]);
    expect([...(await takePcm(journal, null).read(0, 4))[0]!]).toEqual([1, 0, 0, 2]);
  });
});

describe('a journal that is not whole', () => {
  test('cut at any byte, it gives exactly the blocks that are whole', async () => {
    const { bytes, offsets } = await plainJournal(6, 16);
    // Records: take, segment, 6 of sound, closed, end, chapter.
    const sound = offsets.slice(2, 8);
    const ends = [...sound.slice(1), offsets[8]!];
    for (let cut = 1; cut <= bytes.length; cut += 1) {
      const opened = open(bytes.slice(0, cut));
      if (cut < offsets[1]!) {
        await expect(opened).rejects.toMatchObject({ code: 'audio/not-audio' });
        continue;
      }
      const journal = await opened;
      const whole = ends.filter((end) => end <= cut).length;
      const frames = journal.segments[0]?.frames ?? 0;
      expect({ cut, frames, whole: [...(await soundOf(journal))] }).toEqual({ cut, frames: whole * 16, whole: [...ramp(0, whole * 16)] });
    }
  });

  test('cut anywhere in hours of chapters, it is opened from the last whole chapter and loses no whole block', async () => {
    const { bytes, offsets } = await plainJournal(1200, 64);
    const ends = [...offsets.slice(1), bytes.length];
    const blockEnds = ends.filter((end, i) => end - offsets[i]! === 24 + 24 + 256);
    expect(blockEnds.length).toBe(1200);
    const random = randomNumbers(4);
    for (let i = 0; i < 40; i += 1) {
      const cut = Math.floor(blockEnds[0]! + random() * (bytes.length - blockEnds[0]!));
      const journal = await open(bytes.slice(0, cut));
      expectSame(await soundOf(journal), ramp(0, 64 * blockEnds.filter((end) => end <= cut).length));
    }
  });

  test('with any one bit flipped it gives everything but the record that is hit, silent at its place', async () => {
    const { bytes, offsets } = await plainJournal(6, 16);
    const whole = ramp(0, 96);
    const random = randomNumbers(9);
    for (let i = 0; i < 400; i += 1) {
      const bit = Math.floor(random() * bytes.length * 8);
      const broken = bytes.slice();
      broken[bit >> 3]! ^= 1 << (bit & 7);
      const hit = offsets.filter((offset) => offset <= bit >> 3).length - 1;
      const journal = await open(broken);
      const sound = await soundOf(journal);
      const expected = whole.slice();
      const block = hit - 2;
      if (block >= 0 && block < 6) expected.fill(0, block * 16, block * 16 + 16);
      // Without its last block and the chapter that knows of it, nothing says that there was one.
      expect({ bit, hit, sound: [...sound] }).toEqual({ bit, hit, sound: [...expected.subarray(0, sound.length)] });
      expect(sound.length).toBeGreaterThanOrEqual(80);
    }
  });

  test('a damaged block is a gap, and a listener is told', async () => {
    const { bytes, offsets } = await plainJournal(6, 4800);
    // Without the chapter the file is read through, and what does not pass is missed.
    const torn = bytes.slice(0, offsets[8]);
    torn[offsets[4]! + 100]! ^= 255;
    const journal = await open(torn);
    expect(journal.segments[0]!.gaps).toEqual([{ frame: 9600, frames: 4800, cause: 'damaged' }]);
    expect(takePcm(journal, null).notices).toEqual([{ code: 'take/gaps', args: { count: 1, seconds: 0.1 } }]);
    // With it, the damage shows when it is read.
    const whole = bytes.slice();
    whole[offsets[4]! + 100]! ^= 255;
    const pcm = takePcm(await open(whole), null);
    await pcm.read(0, pcm.frames);
    await pcm.read(0, pcm.frames);
    expect(pcm.notices).toEqual([{ code: 'take/damaged', args: { seconds: 0.1 } }]);
  });

  test('without its first records it still gives its sound', async () => {
    const { bytes, offsets } = await plainJournal(6, 16);
    const journal = await open(bytes.slice(offsets[2]));
    expect(journal.identity).toBeNull();
    expectSame(await soundOf(journal), ramp(0, 96));
  });

  test('records of another journal behind its end are not its own', async () => {
    const { bytes } = await plainJournal(6, 16);
    const stray: number[] = [];
    const writer = new JournalWriter({ write: (piece) => Promise.resolve(void stray.push(...piece)) }, 77);
    await writer.audio(0, 96, [ramp(96, 16)], 0);
    const journal = await open(Uint8Array.from([...bytes, ...stray]));
    expect(journal.segments[0]!.frames).toBe(96);
  });

  test('an empty file and one without a record say so', async () => {
    await expect(open(new Uint8Array(0))).rejects.toMatchObject({ code: 'audio/empty' });
    await expect(open(new Uint8Array(5000).fill(0x54))).rejects.toMatchObject({ code: 'audio/not-audio' });
  });
});

describe('gaps and segments', () => {
  test('what was missed keeps its time as silence; silence written down piece by piece is one gap', async () => {
    const { bytes } = await journalOf(async (journal) => {
      await journal.segment(segmentFacts());
      await journal.audio(0, 0, [ramp(0, 10)], 0);
      await journal.gap({ segment: 0, frame: 10, frames: 5, cause: 'missed' });
      await journal.audio(0, 15, [new Float32Array(10)], 0);
      await journal.gap({ segment: 0, frame: 15, frames: 4, cause: 'zeros' });
      await journal.gap({ segment: 0, frame: 19, frames: 6, cause: 'zeros' });
    });
    const journal = await open(bytes);
    expect(journal.segments[0]).toMatchObject({ frames: 25, gaps: [{ frame: 10, frames: 5, cause: 'missed' }, { frame: 15, frames: 10, cause: 'zeros' }] });
    expect([...(await soundOf(journal)).subarray(8, 17)]).toEqual([9, 10, 0, 0, 0, 0, 0, 0, 0]);
  });

  const twoSegments = () =>
    journalOf(async (journal) => {
      await journal.segment(segmentFacts());
      await journal.audio(0, 0, [sine(16_000, 1000, 48_000)], 0);
      await journal.closeSegment(0, 16_000, 0);
      await journal.segment(segmentFacts({ index: 1, sampleRate: 44_100, channels: 2, why: 'rate-changed', deviceLabel: 'Headset' }));
      await journal.audio(1, 0, [sine(8000, 1000, 44_100), sine(8000, 500, 44_100)], 0);
      await journal.closeSegment(1, 8000, 0);
      await journal.end({ endedMs: 0, why: 'stopped' });
    });

  test('a segment of another rate is resampled when it is read, wherever the cut lies', async () => {
    const journal = await open((await twoSegments()).bytes);
    expect(takeFormat(journal.segments)).toEqual({ sampleRate: 48_000, channels: 2, frames: 16_000 + 8708 });
    expect(() => takePcm(journal, null)).toThrowError(expect.objectContaining({ code: 'audio/unsupported' }) as Error);
    const engine = await openEngine(await engineBinary());
    const pcm = takePcm(journal, null, (source, toHz) => resamplePcm(source, toHz, engine));
    const [left, right] = await pcm.read(0, pcm.frames);
    // The tone goes on at the same pitch: away from the seam it is the same sine to -100 dB.
    const expected = sine(4000, 1000, 48_000, 0.5, (2 * Math.PI * 1000 * 2000) / 48_000);
    expect(Math.max(...left!.subarray(18_000, 22_000).map((x, i) => Math.abs(x - expected[i]!)))).toBeLessThan(1e-5);
    expectSame(right!.subarray(0, 16_000), left!.subarray(0, 16_000));
    const pieces = await Promise.all([pcm.read(15_900, 300), pcm.read(16_200, 300)]);
    expectSame(Float32Array.from([...pieces[0]![1]!, ...pieces[1]![1]!]), right!.subarray(15_900, 16_500));
  });

  test('a trim is a view: it starts and ends where it says, and an empty one is refused', async () => {
    const { bytes } = await plainJournal(6, 16);
    const journal = await open(bytes);
    const pcm = takePcm(journal, { startFrame: 10, endFrame: 40 });
    expect(pcm.frames).toBe(30);
    expect([...(await pcm.read(25, 100))[0]!]).toEqual([...ramp(35, 5)]);
    expect(() => takePcm(journal, { startFrame: 96, endFrame: 200 })).toThrowError(expect.objectContaining({ code: 'audio/empty' }) as Error);
  });
});
