/** Appends to a take journal. What is written is never touched again. */
import { AppError } from '../../../shared/errors.ts';
import type { TakeMarker } from '../../../shared/takes.ts';
import type { ByteSink } from '../wav-writer.ts';
import {
  AUDIO_HEAD_BYTES, encodeChapter, encodeFacts, encodeRecord, type EndFacts, type Entry, GAP_CAUSES, type GapFacts, MAX_PAYLOAD_BYTES, RECORD, type RecordType, type SegmentFacts,
  type TakeIdentity, viewOf,
} from './records.ts';

/** Records of a chapter: 22 s of one channel at 48 kHz, 4 MB. As much has to be looked through for the last chapter of a torn file. */
const CHAPTER_RECORDS = 256;

export class JournalWriter {
  readonly #sink: ByteSink;
  readonly #mark: number;
  #number = 0;
  #offset = 0;
  #lastChapter = -1;
  #entries: Entry[] = [];

  /** @param mark a random number of 32 bits, another for every journal */
  constructor(sink: ByteSink, mark: number) {
    this.#sink = sink;
    this.#mark = mark >>> 0;
  }

  /** Bytes appended so far. */
  get bytes(): number {
    return this.#offset;
  }

  begin(identity: TakeIdentity): Promise<void> {
    return this.#facts(RECORD.take, identity);
  }

  segment(facts: SegmentFacts): Promise<void> {
    return this.#facts(RECORD.segment, facts);
  }

  /**
   * @param frame of the first one, within the segment; what lies between it and the end of the last block is a gap of its own
   * @param rows one or two, of equal length; at most 16 384 frames
   * @param atMs Unix time at the end of the block
   * @throws AppError 'internal' for a block too long, and whatever the sink throws; the same may be tried again then
   */
  async audio(segment: number, frame: number, rows: readonly Float32Array[], atMs: number): Promise<void> {
    const frames = rows[0]!.length;
    const payloadBytes = AUDIO_HEAD_BYTES + rows.length * frames * 4;
    if (payloadBytes > MAX_PAYLOAD_BYTES) throw new AppError('internal', { detail: `a block of ${frames} frames` });
    await this.#chapterIfDue();
    const record = encodeRecord(RECORD.audio, this.#mark, this.#number, payloadBytes, (payload) => {
      const view = viewOf(payload);
      view.setUint32(0, segment, true);
      view.setUint32(4, frames, true);
      view.setFloat64(8, frame, true);
      view.setFloat64(16, atMs, true);
      rows.forEach((row, c) => new Float32Array(payload.buffer, payload.byteOffset + AUDIO_HEAD_BYTES + c * frames * 4, frames).set(row));
    });
    await this.#append(record, { type: RECORD.audio, detail: 0, segment, frame, frames });
  }

  gap(facts: GapFacts): Promise<void> {
    const { segment, frame, frames, cause } = facts;
    return this.#facts(RECORD.gap, facts, { segment, frame, frames, detail: GAP_CAUSES.indexOf(cause) });
  }

  marker(marker: TakeMarker): Promise<void> {
    return this.#facts(RECORD.marker, marker);
  }

  /** The segment ends on purpose: a pause, another device, the end. */
  closeSegment(segment: number, frames: number, atMs: number): Promise<void> {
    return this.#facts(RECORD.closed, { segment, frames, atMs });
  }

  async end(facts: EndFacts): Promise<void> {
    await this.#facts(RECORD.end, facts);
    await this.#chapter();
  }

  async #facts(type: RecordType, facts: unknown, entry = { segment: 0, frame: 0, frames: 0, detail: 0 }): Promise<void> {
    await this.#chapterIfDue();
    await this.#append(encodeFacts(type, this.#mark, this.#number, facts), { type, ...entry });
  }

  // Before a record rather than after it, so that a record either is there or has failed.
  async #chapterIfDue(): Promise<void> {
    if (this.#entries.length >= CHAPTER_RECORDS) await this.#chapter();
  }

  async #append(record: Uint8Array<ArrayBuffer>, entry: Omit<Entry, 'offset' | 'bytes'>): Promise<void> {
    // The sink may take the bytes as its own.
    const bytes = record.length;
    await this.#sink.write(record);
    this.#entries.push({ ...entry, offset: this.#offset, bytes });
    this.#offset += bytes;
    this.#number += 1;
  }

  async #chapter(): Promise<void> {
    if (this.#entries.length === 0) return;
    const record = encodeChapter(this.#mark, this.#number, this.#lastChapter, this.#entries);
    const bytes = record.length;
    await this.#sink.write(record);
    this.#lastChapter = this.#offset;
    this.#entries = [];
    this.#offset += bytes;
    this.#number += 1;
  }
}
