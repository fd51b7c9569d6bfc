/**
 * The take journal, version 1: an append-only file of checksummed records, each readable alone. All numbers little-endian.
 *
 *   0  u32  'TWJ1'
 *   4  u32  CRC-32 of everything after it: bytes 8 to 24 and the payload
 *   8  u16  type, u16 version (1)
 *  12  u32  bytes of the payload, a multiple of 4
 *  16  u32  mark of this journal: a random number, so that a stray record of another file is not taken for one of this
 *  20  u32  number of the record: 0, 1, 2 ...
 *  24  payload
 *
 * `take` is the first record. Every `chapter` lists the records since the chapter before it and says where that one begins, so that
 * hours are opened by following chapters back from the end. Nothing depends on the end being there: without it the file is read from
 * its start, and what was torn off or damaged is left out.
 */
import type { TakeGapCause, TakeMarker, TakeSegment } from '../../../shared/takes.ts';
import { crc32 } from './crc32.ts';

export const MAGIC = 0x314a5754;
export const VERSION = 1;
export const HEADER_BYTES = 24;
/** A larger payload is no record: 16 384 frames of two channels. Longer blocks are written as several. */
export const MAX_PAYLOAD_BYTES = 1 << 18;

export const RECORD = { take: 1, segment: 2, audio: 3, gap: 4, marker: 5, closed: 6, chapter: 7, end: 8 } as const;
export type RecordType = (typeof RECORD)[keyof typeof RECORD];

/** Payload of `take`, as JSON. */
export interface TakeIdentity {
  readonly takeId: string;
  readonly name: string;
  readonly startedMs: number;
}

/** Payload of `segment`, as JSON. */
export type SegmentFacts = Omit<TakeSegment, 'frames' | 'gaps'>;

/** In the order of their numbers in chapters. */
export const GAP_CAUSES = ['missed', 'zeros', 'device', 'damaged'] as const satisfies readonly TakeGapCause[];

/** Payload of `gap`, as JSON. */
export interface GapFacts {
  readonly segment: number;
  readonly frame: number;
  readonly frames: number;
  readonly cause: TakeGapCause;
}

/** Payload of `marker`, as JSON. */
export type MarkerFacts = TakeMarker;

/** Payload of `closed`, as JSON: the segment ended here on purpose. */
export interface ClosedFacts {
  readonly segment: number;
  readonly frames: number;
  readonly atMs: number;
}

/** Payload of `end`, as JSON. */
export interface EndFacts {
  readonly endedMs: number;
  readonly why: 'stopped' | 'storage-full' | 'failed';
}

/** u32 segment, u32 frames, f64 frame within the segment, f64 Unix ms at its end; then the channels one after the other, f32. */
export const AUDIO_HEAD_BYTES = 24;
/** f64 offset of the chapter before (-1: none), u32 entries, u32 0; then the entries. */
export const CHAPTER_HEAD_BYTES = 16;
/** u16 type, u16 detail, u32 segment, f64 offset in the file, f64 frame, u32 frames, u32 bytes of the whole record. */
export const ENTRY_BYTES = 32;

/** A record as a chapter lists it. Sound and gaps are told whole; of other records type, offset and bytes count. */
export interface Entry {
  readonly type: number;
  /** Of a gap: its cause, as its place in `GAP_CAUSES`. */
  readonly detail: number;
  readonly segment: number;
  readonly offset: number;
  readonly frame: number;
  readonly frames: number;
  readonly bytes: number;
}

export interface RawRecord {
  readonly type: number;
  readonly mark: number;
  readonly number: number;
  readonly payload: Uint8Array<ArrayBuffer>;
  /** Of the whole record. */
  readonly bytes: number;
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** @param fill writes the payload, which starts as zeros */
export function encodeRecord(type: RecordType, mark: number, number: number, payloadBytes: number, fill: (payload: Uint8Array<ArrayBuffer>) => void): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(HEADER_BYTES + payloadBytes);
  const view = viewOf(record);
  view.setUint32(0, MAGIC, true);
  view.setUint16(8, type, true);
  view.setUint16(10, VERSION, true);
  view.setUint32(12, payloadBytes, true);
  view.setUint32(16, mark, true);
  view.setUint32(20, number, true);
  fill(record.subarray(HEADER_BYTES));
  view.setUint32(4, crc32(record.subarray(8)), true);
  return record;
}

/** Padded with spaces, which JSON ignores, to a multiple of 4. */
export function encodeFacts(type: RecordType, mark: number, number: number, facts: unknown): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(facts));
  return encodeRecord(type, mark, number, Math.ceil(text.length / 4) * 4, (payload) => {
    payload.fill(0x20);
    payload.set(text);
  });
}

/** What lies at `at`: a whole valid record, the beginning of one that may still go on, or neither. */
export function decodeRecord(bytes: Uint8Array<ArrayBuffer>, at: number): RawRecord | 'short' | 'none' {
  const left = bytes.length - at;
  if (left < HEADER_BYTES) return left >= 4 && viewOf(bytes).getUint32(at, true) !== MAGIC ? 'none' : 'short';
  const view = viewOf(bytes);
  const payloadBytes = view.getUint32(at + 12, true);
  if (view.getUint32(at, true) !== MAGIC || view.getUint16(at + 10, true) !== VERSION || payloadBytes > MAX_PAYLOAD_BYTES || payloadBytes % 4 !== 0) return 'none';
  const size = HEADER_BYTES + payloadBytes;
  if (left < size) return 'short';
  if (view.getUint32(at + 4, true) !== crc32(bytes.subarray(at + 8, at + size))) return 'none';
  const payload = bytes.subarray(at + HEADER_BYTES, at + size);
  return { type: view.getUint16(at + 8, true), mark: view.getUint32(at + 16, true), number: view.getUint32(at + 20, true), payload, bytes: size };
}

/** @returns undefined where it is no JSON: a valid record of a writer that went wrong */
export function factsOf<T>({ payload }: RawRecord): T | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(payload)) as T;
  } catch {
    return undefined;
  }
}

export interface AudioHead {
  readonly segment: number;
  readonly frames: number;
  readonly frame: number;
  readonly atMs: number;
}

export function audioHeadOf({ payload }: RawRecord): AudioHead {
  const view = viewOf(payload);
  return { segment: view.getUint32(0, true), frames: view.getUint32(4, true), frame: view.getFloat64(8, true), atMs: view.getFloat64(16, true) };
}

/** The channels of an audio record, without copying where the machine allows it. */
export function audioRowsOf({ payload }: RawRecord, { frames }: AudioHead): Float32Array<ArrayBuffer>[] {
  const from = payload.byteOffset + AUDIO_HEAD_BYTES;
  const samples = from % 4 === 0 ? new Float32Array(payload.buffer, from, (payload.length - AUDIO_HEAD_BYTES) / 4) : new Float32Array(payload.slice(AUDIO_HEAD_BYTES).buffer);
  return Array.from({ length: frames > 0 ? samples.length / frames : 0 }, (_, c) => samples.subarray(c * frames, (c + 1) * frames));
}

export function encodeChapter(mark: number, number: number, previous: number, entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  return encodeRecord(RECORD.chapter, mark, number, CHAPTER_HEAD_BYTES + entries.length * ENTRY_BYTES, (payload) => {
    const view = viewOf(payload);
    view.setFloat64(0, previous, true);
    view.setUint32(8, entries.length, true);
    entries.forEach((entry, i) => {
      const at = CHAPTER_HEAD_BYTES + i * ENTRY_BYTES;
      view.setUint16(at, entry.type, true);
      view.setUint16(at + 2, entry.detail, true);
      view.setUint32(at + 4, entry.segment, true);
      view.setFloat64(at + 8, entry.offset, true);
      view.setFloat64(at + 16, entry.frame, true);
      view.setUint32(at + 24, entry.frames, true);
      view.setUint32(at + 28, entry.bytes, true);
    });
  });
}

export function chapterOf({ payload }: RawRecord): { readonly previous: number; readonly entries: Entry[] } {
  const view = viewOf(payload);
  const entries = Array.from({ length: view.getUint32(8, true) }, (_, i): Entry => {
    const at = CHAPTER_HEAD_BYTES + i * ENTRY_BYTES;
    return {
      type: view.getUint16(at, true),
      detail: view.getUint16(at + 2, true),
      segment: view.getUint32(at + 4, true),
      offset: view.getFloat64(at + 8, true),
      frame: view.getFloat64(at + 16, true),
      frames: view.getUint32(at + 24, true),
      bytes: view.getUint32(at + 28, true),
    };
  });
  return { previous: view.getFloat64(0, true), entries };
}
