/** Opens a take journal, whole or torn, and reads its sound. Needs no writing anywhere. */
import { AppError } from '../../../shared/errors.ts';
import type { TakeGap, TakeMarker, TakeSegment } from '../../../shared/takes.ts';
import type { ByteSource } from '../byte-source.ts';
import {
  AUDIO_HEAD_BYTES, audioHeadOf, audioRowsOf, chapterOf, decodeRecord, type EndFacts, type Entry, factsOf, GAP_CAUSES, type GapFacts, HEADER_BYTES, MAGIC, type RawRecord, RECORD,
  type SegmentFacts, type TakeIdentity, viewOf,
} from './records.ts';
import { lastChapter, recordAt, scanRecords } from './scan.ts';

export interface TakeJournal {
  /** null where the first record is damaged. */
  readonly identity: TakeIdentity | null;
  readonly segments: readonly TakeSegment[];
  readonly markers: readonly TakeMarker[];
  /** null: it was never ended. */
  readonly end: EndFacts | null;
  /** Up to the end of the last readable record: what a torn tail leaves behind it does not count. */
  readonly bytes: number;
  /** Frames read so far whose record did not pass its check; they were answered as silence. */
  readonly damagedFrames: number;
  /**
   * Frames of a segment as they were recorded; zeros in gaps and for what is damaged. One array per channel.
   * @param into arrays to fill
   */
  read(segment: number, frame: number, frames: number, into?: readonly Float32Array<ArrayBuffer>[]): Promise<Float32Array<ArrayBuffer>[]>;
}

/** Most bytes of neighbouring blocks that are read at once. */
const RUN_BYTES = 4 << 20;
/** A chapter of 256 entries, with room to spare. */
const LIKELY_CHAPTER_BYTES = 12_288;
/** Where the record that told the rate is damaged, and no other segment has one. */
const LIKELY_RATE = 48_000;

export const isTakeJournal = (head: Uint8Array): boolean => head.length >= 4 && viewOf(head).getUint32(0, true) === MAGIC;

/** Blocks of one segment in order, as columns: an hour of one channel is 42 000 of them. */
interface Blocks {
  readonly frame: number[];
  readonly frames: number[];
  readonly offset: number[];
  readonly bytes: number[];
}

interface Parts {
  identity: TakeIdentity | null;
  readonly facts: Map<number, SegmentFacts>;
  readonly blocks: Map<number, Blocks>;
  readonly gaps: GapFacts[];
  readonly markers: TakeMarker[];
  end: EndFacts | null;
  bytes: number;
}

const newParts = (): Parts => ({ identity: null, facts: new Map(), blocks: new Map(), gaps: [], markers: [], end: null, bytes: 0 });

function addBlock({ blocks }: Parts, { segment, frame, frames, offset, bytes }: Omit<Entry, 'type' | 'detail'>): void {
  const known = blocks.get(segment) ?? { frame: [], frames: [], offset: [], bytes: [] };
  blocks.set(segment, known);
  known.frame.push(frame);
  known.frames.push(frames);
  known.offset.push(offset);
  known.bytes.push(bytes);
}

function addRecord(parts: Parts, record: RawRecord, offset: number): void {
  parts.bytes = Math.max(parts.bytes, offset + record.bytes);
  switch (record.type) {
    case RECORD.take:
      parts.identity = factsOf<TakeIdentity>(record) ?? null;
      break;
    case RECORD.segment: {
      const facts = factsOf<SegmentFacts>(record);
      if (facts) parts.facts.set(facts.index, facts);
      break;
    }
    case RECORD.audio:
      addBlock(parts, { ...audioHeadOf(record), offset, bytes: record.bytes });
      break;
    case RECORD.gap: {
      const gap = factsOf<GapFacts>(record);
      if (gap) parts.gaps.push(gap);
      break;
    }
    case RECORD.marker: {
      const marker = factsOf<TakeMarker>(record);
      if (marker) parts.markers.push(marker);
      break;
    }
    case RECORD.end:
      parts.end = factsOf<EndFacts>(record) ?? null;
      break;
    default:
    // Chapters are read on their own; records of later versions are stepped over.
  }
}

/** By the chapters, from the end; undefined where one of them cannot be read. */
async function byChapters(source: ByteSource, mark: number): Promise<Parts | undefined> {
  const last = await lastChapter(source, mark);
  if (!last) return undefined;
  const chapters: Entry[][] = [];
  for (let found = last; ; ) {
    const { previous, entries } = chapterOf(found.record);
    chapters.push(entries);
    if (previous < 0) break;
    const record = previous < found.offset ? await recordAt(source, previous, LIKELY_CHAPTER_BYTES) : undefined;
    if (!record || record.type !== RECORD.chapter || record.mark !== mark) return undefined;
    found = { offset: previous, record };
  }
  const parts = newParts();
  for (const entries of chapters.reverse()) {
    for (const entry of entries) {
      if (entry.type === RECORD.audio) addBlock(parts, entry);
      else if (entry.type === RECORD.gap) {
        const { segment, frame, frames, detail } = entry;
        parts.gaps.push({ segment, frame, frames, cause: GAP_CAUSES[detail] ?? 'missed' });
      } else {
        const record = await recordAt(source, entry.offset, entry.bytes);
        if (!record) return undefined;
        addRecord(parts, record, entry.offset);
      }
    }
  }
  const from = last.offset + last.record.bytes;
  parts.bytes = from;
  await addFrom(parts, source, from, mark);
  return parts;
}

async function addFrom(parts: Parts, source: ByteSource, start: number, mark: number): Promise<void> {
  for await (const { offset, record } of scanRecords(source, start)) if (record.mark === mark) addRecord(parts, record, offset);
}

async function firstMark(source: ByteSource): Promise<number | undefined> {
  for await (const { record } of scanRecords(source, 0)) return record.mark;
  return undefined;
}

/** Frames that nothing accounts for: neither a block nor a gap that was written down. */
function uncovered(blocks: Blocks, gaps: readonly TakeGap[]): TakeGap[] {
  const holes: TakeGap[] = [];
  const known = gaps.filter(({ cause }) => cause !== 'zeros');
  let [at, nextGap] = [0, 0];
  const reach = (frame: number, frames: number): void => {
    if (frame > at) holes.push({ frame: at, frames: frame - at, cause: 'damaged' });
    at = Math.max(at, frame + frames);
  };
  blocks.frame.forEach((frame, i) => {
    for (; nextGap < known.length && known[nextGap]!.frame <= frame; nextGap += 1) reach(known[nextGap]!.frame, known[nextGap]!.frames);
    reach(frame, blocks.frames[i]!);
  });
  return holes;
}

/** Gaps of one cause that touch are one: silence is written down as it goes on. */
function joined(gaps: readonly TakeGap[]): TakeGap[] {
  const result: TakeGap[] = [];
  for (const gap of [...gaps].sort((a, b) => a.frame - b.frame)) {
    const last = result.at(-1);
    if (last && last.cause === gap.cause && last.frame + last.frames >= gap.frame) {
      result[result.length - 1] = { ...last, frames: Math.max(last.frame + last.frames, gap.frame + gap.frames) - last.frame };
    } else result.push(gap);
  }
  return result;
}

const NO_PROCESSING = { echoCancellation: false, noiseSuppression: false, autoGainControl: false } as const;

function segmentsOf(parts: Parts): { readonly segment: TakeSegment; readonly blocks: Blocks }[] {
  const indices = [...new Set([...parts.facts.keys(), ...parts.blocks.keys()])].sort((a, b) => a - b);
  const anyRate = [...parts.facts.values()][0]?.sampleRate ?? LIKELY_RATE;
  return indices.map((index) => {
    const blocks = parts.blocks.get(index) ?? { frame: [], frames: [], offset: [], bytes: [] };
    const channels = blocks.frames.length > 0 && (blocks.bytes[0]! - HEADER_BYTES - AUDIO_HEAD_BYTES) / 4 / blocks.frames[0]! >= 2 ? 2 : 1;
    const facts = parts.facts.get(index)
      ?? { index, sampleRate: anyRate, channels, startedMs: parts.identity?.startedMs ?? 0, deviceLabel: '', processing: NO_PROCESSING, why: 'started' };
    const written = parts.gaps.filter(({ segment }) => segment === index).map(({ frame, frames, cause }): TakeGap => ({ frame, frames, cause }));
    const gaps = joined([...written, ...uncovered(blocks, joined(written))]);
    const ends = [...gaps.map(({ frame, frames }) => frame + frames), blocks.frames.length > 0 ? blocks.frame.at(-1)! + blocks.frames.at(-1)! : 0];
    return { segment: { ...facts, frames: Math.max(...ends), gaps }, blocks };
  });
}

/**
 * Opens a journal. Cost: for one that is whole, one small read per 22 s of sound; for one that is damaged, reading it through.
 * @throws AppError 'audio/empty', 'audio/not-audio' when there is not one record in it, 'storage/*' as the source does
 */
export async function openTakeJournal(source: ByteSource): Promise<TakeJournal> {
  if (source.bytes === 0) throw new AppError('audio/empty');
  const mark = await firstMark(source);
  if (mark === undefined) throw new AppError('audio/not-audio');
  let parts = await byChapters(source, mark);
  if (!parts) {
    parts = newParts();
    await addFrom(parts, source, 0, mark);
  }
  const { identity, markers, end, bytes } = parts;
  const segments = segmentsOf(parts);
  const damaged = new Set<number>();
  let damagedFrames = 0;

  /** Copies what the blocks `first` to `last` of a segment, read in one go, have of the frames asked for. */
  async function readRun(blocks: Blocks, first: number, last: number, frame: number, rows: readonly Float32Array[]): Promise<void> {
    const from = blocks.offset[first]!;
    const held = await source.read(from, blocks.offset[last]! + blocks.bytes[last]! - from);
    for (let i = first; i <= last; i += 1) {
      const record = decodeRecord(held, blocks.offset[i]! - from);
      if (typeof record === 'string' || record.type !== RECORD.audio || record.mark !== mark) {
        if (!damaged.has(blocks.offset[i]!)) damagedFrames += blocks.frames[i]!;
        damaged.add(blocks.offset[i]!);
        continue;
      }
      const head = audioHeadOf(record);
      const start = Math.max(frame, head.frame);
      const stop = Math.min(frame + rows[0]!.length, head.frame + head.frames);
      audioRowsOf(record, head).forEach((row, c) => rows[c]?.set(row.subarray(start - head.frame, stop - head.frame), start - frame));
    }
  }

  return {
    identity, markers, end, bytes,
    segments: segments.map(({ segment }) => segment),
    get damagedFrames() {
      return damagedFrames;
    },
    async read(index, frame, frames, into) {
      const found = segments.find(({ segment }) => segment.index === index);
      const wanted = Math.max(0, Math.min(frames, (found?.segment.frames ?? 0) - frame));
      const rows = Array.from({ length: found?.segment.channels ?? 1 }, (_, c) => {
        const given = into?.[c];
        return given && given.length >= wanted ? given.subarray(0, wanted).fill(0) : new Float32Array(wanted);
      });
      if (!found || wanted === 0) return rows;
      const { blocks } = found;
      let first = firstAfter(blocks, frame);
      while (first < blocks.frame.length && blocks.frame[first]! < frame + wanted) {
        let last = first;
        while (
          last + 1 < blocks.frame.length && blocks.frame[last + 1]! < frame + wanted
          && blocks.offset[last + 1]! > blocks.offset[last]! && blocks.offset[last + 1]! + blocks.bytes[last + 1]! - blocks.offset[first]! <= RUN_BYTES
        ) last += 1;
        await readRun(blocks, first, last, frame, rows);
        first = last + 1;
      }
      return rows;
    },
  };
}

/** The first block that ends after a frame. */
function firstAfter(blocks: Blocks, frame: number): number {
  let [low, high] = [0, blocks.frame.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks.frame[middle]! + blocks.frames[middle]! > frame) high = middle;
    else low = middle + 1;
  }
  return low;
}
