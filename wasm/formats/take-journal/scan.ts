/** Finding the records of a journal: forwards over everything that is readable, and the last chapter from the end. */
import type { ByteSource } from '../byte-source.ts';
import { decodeRecord, HEADER_BYTES, MAGIC, MAX_PAYLOAD_BYTES, type RawRecord, RECORD, viewOf } from './records.ts';

const WINDOW_BYTES = 1 << 20;
const LONGEST_BYTES = HEADER_BYTES + MAX_PAYLOAD_BYTES;

export interface FoundRecord {
  readonly offset: number;
  readonly record: RawRecord;
}

/**
 * Every whole valid record from `start` on, in order. What does not pass its check is stepped over, to the next place where a record
 * begins. All records begin at multiples of 4.
 */
export async function* scanRecords(source: ByteSource, start: number): AsyncGenerator<FoundRecord> {
  let [held, from] = [new Uint8Array(0), start];
  let at = 0;
  for (;;) {
    if (held.length - at < LONGEST_BYTES && from + held.length < source.bytes) {
      const [rest, next] = [held.subarray(at), await source.read(from + held.length, WINDOW_BYTES)];
      // A source that ends earlier than it said.
      if (next.length === 0) break;
      from += at;
      at = 0;
      held = new Uint8Array(rest.length + next.length);
      held.set(rest);
      held.set(next, rest.length);
    }
    if (held.length - at < HEADER_BYTES) return;
    const record = decodeRecord(held, at);
    if (typeof record === 'string') at += 4;
    else {
      yield { offset: from + at, record };
      at += record.bytes;
    }
  }
}

/** @param likelyBytes how much is read at first */
export async function recordAt(source: ByteSource, offset: number, likelyBytes: number): Promise<RawRecord | undefined> {
  let record = decodeRecord(await source.read(offset, likelyBytes), 0);
  if (record === 'short') record = decodeRecord(await source.read(offset, LONGEST_BYTES), 0);
  return typeof record === 'string' ? undefined : record;
}

/** The last whole chapter of this journal. Cost: reads what lies after it, which is a chapter's length at most in a journal that is whole. */
export async function lastChapter(source: ByteSource, mark: number): Promise<FoundRecord | undefined> {
  // Windows overlap by the longest record, so that none is cut by both.
  for (let end = source.bytes; end > 0; end = end - WINDOW_BYTES) {
    const from = Math.max(0, Math.floor((end - WINDOW_BYTES) / 4) * 4);
    const window = await source.read(from, end - from + LONGEST_BYTES);
    const view = viewOf(window);
    for (let at = Math.floor((Math.min(end - from, window.length) - HEADER_BYTES) / 4) * 4; at >= 0; at -= 4) {
      if (view.getUint32(at, true) !== MAGIC || view.getUint16(at + 8, true) !== RECORD.chapter) continue;
      const record = decodeRecord(window, at);
      if (typeof record !== 'string' && record.mark === mark) return { offset: from + at, record };
    }
  }
  return undefined;
}
