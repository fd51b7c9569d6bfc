/** Ids of rows: they sort by the time they were made, so that a new one lands at the end of an index. */
import { randomBytes } from 'node:crypto';

/** Of the last id: its time, and where it stands among those of one millisecond. */
let [lastMs, place] = [-1, 0];
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
  place = nowMs === lastMs ? Math.min(place + 1, MOST_PLACE) : bytes.readUInt16BE(6) & (MOST_PLACE >> 1);
  lastMs = nowMs;
  bytes.writeUInt16BE(0x7000 | place, 6);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
