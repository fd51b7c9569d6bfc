import { frameAdvance, frameBufferBytes, frameBufferReset, frameFill, frameIsWhole, frameTransform, imaginaryOffset } from '../kernels/frame-buffer';
import { Meter } from './meter';

/**
 * Band levels of the mid every 10 ms (window about 20 ms), for how sound falls: octave bands 250 to 8 000 Hz, then
 * 250-1k, 1k-3k, 3k-8k Hz. Drains nine powers per 10 ms (a full-scale sine has power 1), then for each octave the mean
 * of its bins' log2 power over log2 of their mean power: about -0.8 for noise, lower for the lines of tones.
 *
 * State: i32 size, waiting; f64 rate; first and last bin of each band (i32); frame buffer; drained values.
 */
const VALUES: i32 = 15;
const BANDS: i32 = 9;
const OCTAVES: i32 = 6;
const MAX_WAITING: i32 = 256;
const EDGES: usize = 16;
const BUFFER: usize = EDGES + 9 * 8 + 8;

function sizeFor(sampleRate: f64): i32 {
  return 1 << <i32>Math.max(7, Math.round(Math.log2(sampleRate / 47)));
}

function edge(band: i32, isHigh: bool): f64 {
  if (band < 6) return 250 * Math.pow(2, <f64>band + (isHigh ? 0.5 : -0.5));
  if (band == 6) return isHigh ? 1000 : 250;
  if (band == 7) return isHigh ? 3000 : 1000;
  return isHigh ? 8000 : 3000;
}

export class Decay extends Meter {
  stateBytes(sampleRate: f64, option: f64): i32 {
    return <i32>BUFFER + frameBufferBytes(sizeFor(sampleRate)) + VALUES * MAX_WAITING * 8;
  }

  reset(state: usize, sampleRate: f64, option: f64): void {
    const size = sizeFor(sampleRate);
    store<i32>(state, size);
    store<i32>(state, 0, 4);
    store<f64>(state, sampleRate, 8);
    frameBufferReset(state + BUFFER, size, <i32>Math.round(sampleRate / 100));
    const binsPerHz = <f64>size / sampleRate;
    for (let band = 0; band < BANDS; band++) {
      const at = state + EDGES + (<usize>band << 3);
      store<i32>(at, <i32>Math.ceil(edge(band, false) * binsPerHz));
      store<i32>(at, <i32>Math.min(<f64>(size >> 1), Math.ceil(edge(band, true) * binsPerHz)), 4);
    }
  }

  process(state: usize, left: usize, right: usize, frames: i32): void {
    const buffer = state + BUFFER;
    while (frames > 0) {
      const taken = frameFill(buffer, left, right, frames);
      left += <usize>taken << 2;
      right += <usize>taken << 2;
      frames -= taken;
      if (frameIsWhole(buffer)) this.frame(state, buffer);
    }
  }

  private frame(state: usize, buffer: usize): void {
    const size = load<i32>(state);
    const re = frameTransform(buffer, false);
    const im = re + imaginaryOffset(buffer);
    frameAdvance(buffer);
    const waiting = load<i32>(state, 4);
    if (waiting >= MAX_WAITING) return;
    const out = state + BUFFER + <usize>frameBufferBytes(size) + (<usize>(waiting * VALUES) << 3);
    const scale = 16.0 / (<f64>size * <f64>size) / 1.5;
    for (let band = 0; band < BANDS; band++) {
      const low = load<i32>(state + EDGES + (<usize>band << 3));
      const high = load<i32>(state + EDGES + (<usize>band << 3), 4);
      let sum = 0.0;
      let logs = 0.0;
      for (let k = low; k < high; k++) {
        const r = <f64>load<f32>(re + (<usize>k << 2));
        const i = <f64>load<f32>(im + (<usize>k << 2));
        const power = r * r + i * i;
        sum += power;
        // Exponent and mantissa of a float read as one number are log2 within 0.09.
        if (band < OCTAVES) logs += <f64>reinterpret<i32>(<f32>(power + 1e-20)) * 1.1920928955078125e-7 - 127;
      }
      const bins = <f64>(high - low);
      if (band < OCTAVES) store<f64>(out + (<usize>(BANDS + band) << 3), bins > 0 ? logs / bins - Math.log2(sum / bins + 1e-20) : 0);
      store<f64>(out + (<usize>band << 3), sum * scale);
    }
    store<i32>(state, waiting + 1, 4);
  }

  drainLimit(state: usize, frames: i32): i32 {
    return VALUES * MAX_WAITING;
  }

  drain(state: usize, out: usize): i32 {
    const size = load<i32>(state);
    const count = load<i32>(state, 4) * VALUES;
    memory.copy(out, state + BUFFER + <usize>frameBufferBytes(size), <usize>count << 3);
    store<i32>(state, 0, 4);
    return count;
  }

  finishCount(state: usize): i32 {
    return 0;
  }

  finish(state: usize, out: usize): void {}
}
