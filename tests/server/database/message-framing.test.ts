import { expect, test } from 'vitest';
import { createFraming } from '../../../server/database/embedded/message-framing.ts';

/** As the client sends them: a start without a type, then messages with one. */
function conversation(): Uint8Array {
  const bytes: number[] = [0, 0, 0, 8, 1, 2, 3, 4];
  for (const [type, length] of [['P', 6], ['B', 300], ['S', 0]] as const) {
    const size = 4 + length;
    bytes.push(type.charCodeAt(0), size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255, ...Array.from({ length }, (_, i) => i & 255));
  }
  return Uint8Array.from(bytes);
}

test.each([1, 2, 3, 5, 7, 64, 1000])('pieces of %i bytes become whole messages, nothing lost or doubled', (size) => {
  const all = conversation();
  const framing = createFraming();
  const out: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += size) {
    const whole = framing(all.subarray(at, at + size));
    if (whole) out.push(whole);
  }
  expect(Buffer.concat(out).equals(Buffer.from(all))).toBe(true);
  // Never a cut one: every piece that came out begins where a message does.
  const starts = new Set<number>([0, 8, 8 + 11, 8 + 11 + 305]);
  let at = 0;
  for (const piece of out) {
    expect(starts.has(at)).toBe(true);
    at += piece.length;
  }
});
