/** Ids of rows: they sort by the time they were made, so that a new one lands at the end of an index. */
import { randomBytes } from 'node:crypto';

/** Where the last id of a millisecond stands among its kind; of the latest few, as clocks that are asked may differ. */
const places = new Map<number, number>();
const MOST_TIMES = 8;
const MOST_PLACE = 0xfff;

/**
 * A UUIDv7: 48 bits of milliseconds, 12 that count within one of them at this instance, from a random start in their lower half,
 * then chance. Past the end of the count the order within the millisecond is lost, and nothing else.
 * @param nowMs  since 1970
 * Source: RFC 9562, sections 5.7 and 6.2 (method 1).
 */
export function newId(nowMs: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  const before = places.get(nowMs);
  const place = before === undefined ? bytes.readUInt16BE(6) & (MOST_PLACE >> 1) : Math.min(before + 1, MOST_PLACE);
  places.set(nowMs, place);
  if (places.size > MOST_TIMES) places.delete(places.keys().next().value!);
  bytes.writeUInt16BE(0x7000 | place, 6);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
