/** Ids of rows: they sort by the time they were made, so that a new one lands at the end of an index. */
import { randomBytes } from 'node:crypto';

/**
 * A UUIDv7: 48 bits of milliseconds, then chance.
 * @param nowMs  since 1970
 * Source: RFC 9562, section 5.7.
 */
export function newId(nowMs: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
