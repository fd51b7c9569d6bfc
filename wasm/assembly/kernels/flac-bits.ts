/**
 * Bits of a FLAC stream, most significant first. One reader, open during one call. Behind the end there are zeros: who reads
 * them learns it from `bitsPosition`.
 */
/** The next byte that is not in the window, and where the bytes end; four more can be read. */
let at: usize = 0;
let end: usize = 0;
/** Bits that were not handed out, from the top; zeros under them. Fewer than 64. */
let window: u64 = 0;
let held: i32 = 0;

export function bitsOpen(bytes: usize, length: i32): void {
  at = bytes;
  end = bytes + <usize>length;
  window = 0;
  held = 0;
}

/** First byte of which no bit was handed out; the reader is at the start of a byte. */
export function bitsPosition(): usize {
  return at - <usize>(held >> 3);
}

export function bitsAlign(): void {
  const loose = held & 7;
  window <<= <u64>loose;
  held -= loose;
}

// @ts-ignore: decorator
@inline
function bytesInOrder(at: usize, end: usize): u64 {
  return at < end ? <u64>bswap<u32>(load<u32>(at)) : 0;
}

/** Adds 32 bits to fewer than 32. */
function fill(): void {
  window |= bytesInOrder(at, end) << <u64>(32 - held);
  at += 4;
  held += 32;
}

/** @param count 0 to 32 */
export function bitsRead(count: i32): u32 {
  if (count === 0) return 0;
  if (held < count) fill();
  const value = <u32>(window >> <u64>(64 - count));
  window <<= <u64>count;
  held -= count;
  return value;
}

/** Two's complement. @param count 1 to 32 */
export function bitsSigned(count: i32): i32 {
  return <i32>(bitsRead(count) << <u32>(32 - count)) >> (32 - count);
}

/** Zeros before the next one; the one is taken too. */
export function bitsUnary(): i32 {
  let zeros = 0;
  while (window === 0) {
    zeros += held;
    held = 0;
    if (at >= end) return zeros;
    fill();
  }
  const leading = <i32>clz<u64>(window);
  window <<= <u64>(leading + 1);
  held -= leading + 1;
  return zeros + leading;
}

/** Rice codes of one parameter (0 to 30), as i32 from `to` up to `until`. */
export function bitsRice(parameter: i32, to: usize, until: usize): void {
  // In locals, which the machine keeps in registers.
  let bits = window;
  let count = held;
  let from = at;
  const last = end;
  for (; to < until; to += 4) {
    if (count < 32) {
      bits |= bytesInOrder(from, last) << <u64>(32 - count);
      from += 4;
      count += 32;
    }
    const zeros = <i32>clz<u64>(bits);
    const length = zeros + 1 + parameter;
    let folded: u32;
    if (length <= count && zeros < 63) {
      const rest = bits << <u64>(zeros + 1);
      // In two steps: a shift by 64 would be one by 0.
      folded = (<u32>zeros << <u32>parameter) | <u32>((rest >> 1) >> <u64>(63 - parameter));
      bits = rest << <u64>parameter;
      count -= length;
    } else {
      window = bits;
      held = count;
      at = from;
      folded = (<u32>bitsUnary() << <u32>parameter) | bitsRead(parameter);
      bits = window;
      count = held;
      from = at;
    }
    store<i32>(to, <i32>(folded >> 1) ^ -(<i32>(folded & 1)));
  }
  window = bits;
  held = count;
  at = from;
}
