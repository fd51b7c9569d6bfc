import { clearSections, runSection, SECTION_BYTES, setSection, settleSections } from '../kernels/biquad';
import { Meter } from './meter';

/**
 * Levels of the whole band and of < 120, 120-500, 500-2k, 2k-6k and > 6k Hz, for dynamics.
 * Drains records of seven values: 0 and the six mean squares (over both channels) of 50 ms, or 1 and the six crests
 * (peak squared over mean square) of one second, or 2 and the six mean squares of that second.
 *
 * Each edge is a Butterworth pair run twice: the magnitude of a zero-phase filter of fourth order.
 *
 * State: i32 waiting; f64 rate, next 50 ms boundary, next 1 s boundary, frames; per band 50 ms energy, 1 s energy, 1 s peak;
 * sections; scratch; drained records.
 */
const BANDS: i32 = 6;
const RECORD: i32 = 7;
const BLOCK: i32 = 512;
const TALLY: usize = 48;
const SECTIONS: usize = TALLY + 6 * 24;
const PER_BAND: i32 = 4;
const MAX_WAITING: i32 = 64;

function bandEdge(band: i32): f64 {
  if (band == 1) return 120;
  if (band == 2) return 500;
  if (band == 3) return 2000;
  return 6000;
}

// @ts-ignore: decorator
@inline
function sectionsOf(state: usize, band: i32): usize {
  return state + SECTIONS + <usize>(band * PER_BAND) * SECTION_BYTES;
}

// @ts-ignore: decorator
@inline
function scratchStart(state: usize): usize {
  return sectionsOf(state, BANDS);
}

// @ts-ignore: decorator
@inline
function waitingStart(state: usize): usize {
  return scratchStart(state) + 2 * (<usize>BLOCK << 4);
}

/** Butterworth of second order, bilinear. */
function setPass(section: usize, isHigh: bool, hz: f64, sampleRate: f64): void {
  const k = Math.tan((Math.PI * Math.min(hz, 0.49 * sampleRate)) / sampleRate);
  const a0 = 1 + Math.SQRT2 * k + k * k;
  const b = isHigh ? 1 / a0 : (k * k) / a0;
  setSection(section, b, isHigh ? -2 * b : 2 * b, b, (2 * (k * k - 1)) / a0, (1 - Math.SQRT2 * k + k * k) / a0);
}

export class BandLevels extends Meter {
  stateBytes(sampleRate: f64, option: f64): i32 {
    return <i32>waitingStart(0) + MAX_WAITING * RECORD * 8;
  }

  reset(state: usize, sampleRate: f64, option: f64): void {
    memory.fill(state, 0, this.stateBytes(sampleRate, option));
    store<f64>(state, sampleRate, 8);
    store<f64>(state, Math.round(sampleRate / 20), 16);
    store<f64>(state, Math.round(sampleRate), 24);
    for (let band = 1; band < BANDS; band++) {
      const sections = sectionsOf(state, band);
      for (let pass: usize = 0; pass < 2; pass++) {
        // low side of the band, then high side; the outer bands use both places for the one edge they have
        const lowEdge = band == 1 ? 120.0 : bandEdge(band - 1);
        setPass(sections + 2 * pass * SECTION_BYTES, band != 1, lowEdge, sampleRate);
        const isTop = band == 5;
        setPass(sections + (2 * pass + 1) * SECTION_BYTES, isTop, band == 1 ? 120.0 : isTop ? 6000.0 : bandEdge(band), sampleRate);
      }
      clearSections(sections, PER_BAND);
    }
  }

  process(state: usize, left: usize, right: usize, frames: i32): void {
    while (frames > 0) {
      const seen = load<f64>(state, 32);
      const boundary = Math.min(load<f64>(state, 16), load<f64>(state, 24));
      const run = <i32>Math.min(Math.min(<f64>frames, <f64>BLOCK), boundary - seen);
      this.block(state, left, right, run);
      left += <usize>run << 2;
      right += <usize>run << 2;
      frames -= run;
      store<f64>(state, seen + <f64>run, 32);
      if (seen + <f64>run == load<f64>(state, 16)) this.endShort(state, seen + <f64>run);
      if (seen + <f64>run == load<f64>(state, 24)) this.endLong(state, seen + <f64>run);
    }
  }

  private block(state: usize, left: usize, right: usize, frames: i32): void {
    const input = scratchStart(state);
    const filtered = input + (<usize>BLOCK << 4);
    for (let i: usize = 0; i < <usize>frames; i++) {
      const l = <f64>load<f32>(left + (i << 2));
      const r = <f64>load<f32>(right + (i << 2));
      const isNumber = isFinite(l + r);
      store<f64>(input + (i << 4), isNumber ? l : 0);
      store<f64>(input + (i << 4), isNumber ? r : 0, 8);
    }
    this.tally(state, 0, input, frames);
    for (let band = 1; band < BANDS; band++) {
      const sections = sectionsOf(state, band);
      runSection(sections, input, filtered, frames);
      for (let section = 1; section < PER_BAND; section++) {
        runSection(sections + <usize>section * SECTION_BYTES, filtered, filtered, frames);
      }
      this.tally(state, band, filtered, frames);
    }
  }

  private tally(state: usize, band: i32, at: usize, frames: i32): void {
    let energy = f64x2.splat(0);
    let peak = f64x2.splat(0);
    for (const end = at + (<usize>frames << 4); at < end; at += 16) {
      const x = v128.load(at);
      energy = f64x2.add(energy, f64x2.mul(x, x));
      peak = f64x2.max(peak, f64x2.abs(x));
    }
    const to = state + TALLY + <usize>band * 24;
    const sum = f64x2.extract_lane(energy, 0) + f64x2.extract_lane(energy, 1);
    store<f64>(to, load<f64>(to) + sum);
    store<f64>(to, load<f64>(to, 8) + sum, 8);
    store<f64>(to, Math.max(load<f64>(to, 16), Math.max(f64x2.extract_lane(peak, 0), f64x2.extract_lane(peak, 1))), 16);
  }

  private endShort(state: usize, seen: f64): void {
    const rate = load<f64>(state, 8);
    const count = Math.round((seen * 20) / rate);
    const frames = seen - Math.round(((count - 1) * rate) / 20);
    const record = this.record(state, 0);
    for (let band = 0; band < BANDS; band++) {
      const from = state + TALLY + <usize>band * 24;
      if (record != 0) store<f64>(record + (<usize>(1 + band) << 3), load<f64>(from) / (2 * frames));
      store<f64>(from, 0);
    }
    store<f64>(state, Math.round(((count + 1) * rate) / 20), 16);
  }

  private endLong(state: usize, seen: f64): void {
    const rate = load<f64>(state, 8);
    const count = Math.round(seen / rate);
    const frames = seen - Math.round((count - 1) * rate);
    const crests = this.record(state, 1);
    const powers = this.record(state, 2);
    for (let band = 0; band < BANDS; band++) {
      const from = state + TALLY + <usize>band * 24;
      const power = load<f64>(from, 8) / (2 * frames);
      const peak = load<f64>(from, 16);
      if (crests != 0) store<f64>(crests + (<usize>(1 + band) << 3), power > 1e-15 ? (peak * peak) / power : 0);
      if (powers != 0) store<f64>(powers + (<usize>(1 + band) << 3), power);
      store<f64>(from, 0, 8);
      store<f64>(from, 0, 16);
    }
    for (let band = 1; band < BANDS; band++) settleSections(sectionsOf(state, band), PER_BAND);
    store<f64>(state, Math.round((count + 1) * rate), 24);
  }

  /** Address of a fresh record of this kind; 0 when nobody drains. */
  private record(state: usize, kind: i32): usize {
    const waiting = load<i32>(state);
    if (waiting >= MAX_WAITING) return 0;
    store<i32>(state, waiting + 1);
    const record = waitingStart(state) + (<usize>(waiting * RECORD) << 3);
    store<f64>(record, <f64>kind);
    return record;
  }

  /** 16 384 frames at 8 kHz are 41 short and 2 long ends. */
  drainLimit(state: usize, frames: i32): i32 {
    return RECORD * MAX_WAITING;
  }

  drain(state: usize, out: usize): i32 {
    const count = load<i32>(state) * RECORD;
    memory.copy(out, waitingStart(state), <usize>count << 3);
    store<i32>(state, 0);
    return count;
  }

  finishCount(state: usize): i32 {
    return 0;
  }

  finish(state: usize, out: usize): void {}
}
