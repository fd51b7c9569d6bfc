/**
 * One frame of a FLAC stream: header, predictors and residuals in; samples out as planar f32, full scale 1.
 * Source: RFC 9639, "Free Lossless Audio Codec (FLAC)"; numbers in brackets name its sections.
 *
 * Work: CRC tables (4 x 256 u16), taps (36 i64), i32 frames of the last frame, then a row of samples for each channel.
 */
import { bitsAlign, bitsOpen, bitsPosition, bitsRead, bitsRice, bitsSigned, bitsUnary } from './flac-bits';

const TAPS: usize = 2048;
const FRAMES: usize = TAPS + 36 * 8;
const ROWS: usize = FRAMES + 16;
const MOST_FRAMES: i32 = 65_536;
/** Some are read before a row's first, and counted with 0. */
const ROOM: usize = 16;
const ROW_BYTES: usize = ROOM + <usize>MOST_FRAMES * 4;
const PAIR_LEFT_SIDE = 8;
const PAIR_SIDE_RIGHT = 9;
const PAIR_MID_SIDE = 10;

export const FLAC_SHORT = 0;
export const FLAC_DAMAGED = -1;

export function flacBytes(channels: i32): i32 {
  return <i32>(ROWS + <usize>channels * ROW_BYTES);
}

/** [9.3] CRC-16 of a byte followed by 0 to 3 zeros: four bytes at a time (Kounavis and Berry 2008). */
export function flacPrepare(work: usize): void {
  for (let byte = 0; byte < 256; byte++) {
    let crc = <u32>byte << 8;
    for (let zeros = 0; zeros < 4; zeros++) {
      for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) !== 0 ? ((crc << 1) ^ 0x8005) & 0xffff : crc << 1;
      store<u16>(work + (<usize>((zeros << 8) | byte) << 1), <u16>crc);
    }
  }
}

// @ts-ignore: decorator
@inline
function remainder(work: usize, zeros: i32, byte: u32): u32 {
  return load<u16>(work + (<usize>((<u32>zeros << 8) | (byte & 255)) << 1));
}

function crc16(work: usize, from: usize, until: usize): u32 {
  let crc: u32 = 0;
  for (; from + 4 <= until; from += 4) {
    const four = bswap<u32>(load<u32>(from)) ^ (crc << 16);
    crc = remainder(work, 3, four >> 24) ^ remainder(work, 2, four >> 16) ^ remainder(work, 1, four >> 8) ^ remainder(work, 0, four);
  }
  for (; from < until; from++) crc = ((crc << 8) & 0xffff) ^ remainder(work, 0, (crc >> 8) ^ load<u8>(from));
  return crc;
}

export function flacFrames(work: usize): i32 {
  return load<i32>(work + FRAMES);
}

export function flacRow(work: usize, channel: i32): usize {
  return work + ROWS + <usize>channel * ROW_BYTES + ROOM;
}

/**
 * Decodes the frame at `bytes`, behind which four more than `length` bytes can be read.
 * @param bits per sample, of the stream: 4 to 24
 * @returns its bytes; FLAC_SHORT where they end inside it; FLAC_DAMAGED
 */
export function flacDecode(work: usize, bytes: usize, length: i32, channels: i32, bits: i32): i32 {
  bitsOpen(bytes, length);
  const isWhole = readFrame(work, bytes, channels, bits);
  const consumed = <i32>(bitsPosition() - bytes);
  return consumed > length ? FLAC_SHORT : isWhole ? consumed : FLAC_DAMAGED;
}

function readFrame(work: usize, bytes: usize, channels: i32, bits: i32): bool {
  if (bitsRead(15) !== 0x7ffc) return false;
  bitsRead(1);
  const blockCode = bitsRead(4);
  const rateCode = bitsRead(4);
  const layout = <i32>bitsRead(4);
  const sizeCode = bitsRead(3);
  bitsRead(1);
  skipCodedNumber();
  const frames = blockSizeOf(blockCode);
  if (rateCode >= 12 && rateCode <= 14) bitsRead(rateCode === 12 ? 8 : 16);
  bitsRead(8); // the header's own checksum; the frame's covers it
  const width = widthOf(sizeCode, bits);
  const count = layout < PAIR_LEFT_SIDE ? layout + 1 : 2;
  if (layout > PAIR_MID_SIDE || width === 0 || count !== channels || frames === 0) return false;
  for (let channel = 0; channel < channels; channel++) {
    // The difference of a pair needs one bit more.
    const isSide = layout === PAIR_SIDE_RIGHT ? channel === 0 : layout >= PAIR_LEFT_SIDE && channel === 1;
    if (!readSubframe(work, flacRow(work, channel), frames, width + <i32>isSide)) return false;
  }
  bitsAlign();
  const checksum = crc16(work, bytes, bitsPosition());
  if (bitsRead(16) !== checksum) return false;
  if (layout >= PAIR_LEFT_SIDE) undoPair(flacRow(work, 0), flacRow(work, 1), frames, layout);
  for (let channel = 0; channel < channels; channel++) toFloat(flacRow(work, channel), frames, <f32>(1.0 / <f64>(1 << (bits - 1))));
  store<i32>(work + FRAMES, frames);
  return true;
}

/** [9.1.1] Block sizes by code; 6 and 7 are spelled out behind the header; 0 is none. */
function blockSizeOf(code: u32): i32 {
  if (code === 0) return 0;
  if (code === 1) return 192;
  if (code <= 5) return 144 << code;
  if (code === 6) return <i32>bitsRead(8) + 1;
  if (code === 7) return <i32>bitsRead(16) + 1;
  return 1 << code;
}

/** [9.1.4] Bits per sample by code; 0: as the stream says. None for 3, which has no meaning, and 7: 32 bits are not read here. */
function widthOf(code: u32, bits: i32): i32 {
  if (code === 0) return bits;
  if (code === 3 || code === 7) return 0;
  return code === 1 ? 8 : code === 2 ? 12 : code === 4 ? 16 : code === 5 ? 20 : 24;
}

/** [9.1.5] A number coded as UTF-8 is; its value is not needed, frames come in order. */
function skipCodedNumber(): void {
  const first = bitsRead(8);
  if ((first & 0x80) === 0) return;
  for (let mask: u32 = 0x40; (first & mask) !== 0; mask >>= 1) bitsRead(8);
}

/** [9.2] @param width bits per sample, 4 to 25 */
function readSubframe(work: usize, row: usize, frames: i32, width: i32): bool {
  bitsRead(1);
  const type = <i32>bitsRead(6);
  const wasted = bitsRead(1) === 1 ? bitsUnary() + 1 : 0;
  const depth = width - wasted;
  if (depth < 1) return false;
  const end = row + (<usize>frames << 2);
  if (type === 0) {
    const value = bitsSigned(depth);
    for (let at = row; at < end; at += 4) store<i32>(at, value);
  } else if (type === 1) readRaw(row, end, depth);
  else if (type >= 8 && type <= 12) {
    if (!readFixed(work, row, frames, type - 8, depth)) return false;
  } else if (type < 32 || !readLinear(work, row, frames, type - 31, depth)) return false;
  if (wasted > 0) for (let at = row; at < end; at += 4) store<i32>(at, load<i32>(at) << wasted);
  return true;
}

function readRaw(from: usize, until: usize, width: i32): void {
  for (; from < until; from += 4) store<i32>(from, bitsSigned(width));
}

// @ts-ignore: decorator
@inline
function setTap(work: usize, k: i32, value: i32): void {
  store<i64>(work + TAPS + (<usize>k << 3), <i64>value);
}

/** [9.2.5] Binomial coefficients with alternating signs. */
function readFixed(work: usize, row: usize, frames: i32, order: i32, depth: i32): bool {
  if (order > frames) return false;
  readRaw(row, row + (<usize>order << 2), depth);
  if (!readResidual(row, frames, order)) return false;
  let tap = -1;
  for (let k = 0; k < order; k++) {
    tap = (-tap * (order - k)) / (k + 1);
    setTap(work, k, tap);
  }
  predict(work, row, frames, order, 0);
  return true;
}

/** [9.2.6] */
function readLinear(work: usize, row: usize, frames: i32, order: i32, depth: i32): bool {
  if (order > frames) return false;
  readRaw(row, row + (<usize>order << 2), depth);
  const precision = <i32>bitsRead(4) + 1;
  const shift = bitsSigned(5);
  if (precision === 16 || shift < 0) return false;
  for (let k = 0; k < order; k++) setTap(work, k, bitsSigned(precision));
  if (!readResidual(row, frames, order)) return false;
  predict(work, row, frames, order, shift);
  return true;
}

/** Adds the prediction to the residual in place; taps are for the samples before, nearest first. */
function predict(work: usize, row: usize, frames: i32, order: i32, shift: i32): void {
  const taps = work + TAPS;
  const fours = (order + 3) & ~3;
  for (let k = order; k < fours; k++) setTap(work, k, 0);
  const tapsEnd = taps + (<usize>fours << 3);
  const end = row + (<usize>frames << 2);
  for (let at = row + (<usize>order << 2); at < end; at += 4) {
    let sum: i64 = 0;
    for (let tap = taps, before = at - 16; tap < tapsEnd; tap += 32, before -= 16) {
      sum +=
        load<i64>(tap) * <i64>load<i32>(before, 12) +
        load<i64>(tap, 8) * <i64>load<i32>(before, 8) +
        load<i64>(tap, 16) * <i64>load<i32>(before, 4) +
        load<i64>(tap, 24) * <i64>load<i32>(before);
    }
    store<i32>(at, load<i32>(at) + <i32>(sum >> <i64>shift));
  }
}

/** [9.2.7] Rice-coded residual, in partitions. */
function readResidual(row: usize, frames: i32, order: i32): bool {
  const method = bitsRead(2);
  if (method > 1) return false;
  const parameterBits = 4 + <i32>method;
  const escape = (1 << parameterBits) - 1;
  const doublings = <i32>bitsRead(4);
  const length = frames >> doublings;
  if (length << doublings !== frames || length < order) return false;
  let at = row + (<usize>order << 2);
  for (let until = row + (<usize>length << 2), end = row + (<usize>frames << 2); until <= end; until += <usize>length << 2) {
    const parameter = <i32>bitsRead(parameterBits);
    if (parameter !== escape) bitsRice(parameter, at, until);
    else {
      const raw = <i32>bitsRead(5);
      if (raw === 0) memory.fill(at, 0, until - at);
      else readRaw(at, until, raw);
    }
    at = until;
  }
  return true;
}

/** [4.2] Interchannel decorrelation. */
function undoPair(a: usize, b: usize, frames: i32, layout: i32): void {
  for (let end = a + (<usize>frames << 2); a < end; a += 16, b += 16) {
    const first = v128.load(a);
    const second = v128.load(b);
    if (layout === PAIR_LEFT_SIDE) v128.store(b, i32x4.sub(first, second));
    else if (layout === PAIR_SIDE_RIGHT) v128.store(a, i32x4.add(first, second));
    else {
      const sum = v128.or(i32x4.shl(first, 1), v128.and(second, i32x4.splat(1)));
      v128.store(a, i32x4.shr_s(i32x4.add(sum, second), 1));
      v128.store(b, i32x4.shr_s(i32x4.sub(sum, second), 1));
    }
  }
}

function toFloat(row: usize, frames: i32, scale: f32): void {
  const scales = f32x4.splat(scale);
  for (let end = row + (<usize>frames << 2); row < end; row += 16) v128.store(row, f32x4.mul(f32x4.convert_i32x4_s(v128.load(row)), scales));
}
