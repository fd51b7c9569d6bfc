import { EXCITER_AMOUNT, EXCITER_DRIVE_DB, EXCITER_EVEN, EXCITER_F_HZ, EQUALIZER_TYPE_HIGH_PASS } from '../generated/abi';
import { clearSections, runSection, SECTION_BYTES, settleSections } from '../kernels/biquad';
import { HARMONICS_BYTES, makeHarmonics, settleHarmonics } from '../kernels/harmonics';
import { designMatchedBiquad } from '../kernels/matched-biquad';
import { oversamplerLatency, prepareOversampler } from '../kernels/oversampler';
import { advanceOnGrid, BLOCK_BYTES, framesOnGrid, GRID_FRAMES, narrowStereo, widenStereo } from '../kernels/stereo-block';
import { Processor } from './processor';

/**
 * Harmonics of the band above `fHz`, added to the sound, which waits for them as long as the oversampling takes. The
 * band and its harmonics each pass the same high pass of 12 dB per octave: nothing is added under it. Four times the
 * rate up to 88 kHz, twice from there on.
 *
 * State: f64 rate, u32 position, 4 spare, parameters this was made for, two sections, two channels of harmonics, the
 * sound's delay (planar f32, `MOST_DELAY` each).
 */
const PARAMETER_BYTES: usize = 32;
const PARAMETERS: usize = 16;
const SECTIONS: usize = PARAMETERS + PARAMETER_BYTES;
const LEFT_HARMONICS: usize = SECTIONS + 2 * SECTION_BYTES;
const RIGHT_HARMONICS: usize = LEFT_HARMONICS + HARMONICS_BYTES;
const DELAYS: usize = RIGHT_HARMONICS + HARMONICS_BYTES;
const MOST_DELAY: usize = 96;
const STATE_BYTES: usize = DELAYS + 2 * 4 * MOST_DELAY;

const FOUR_TIMES_BELOW_HZ: f64 = 88000;
/** Largest bias, in RMS levels: a third of the wave's time is then on the other side. */
const LARGEST_BIAS: f64 = 0.7;
const LEVEL_MS: f64 = 6;
const TRACK_MS: f64 = 20;
/** Two high passes at 20 Hz have faded by 90 dB, and the level after them. */
const TAIL_SECONDS: f64 = 0.4;

const BLOCK: usize = memory.data(BLOCK_BYTES, 16);
const LEFT: usize = memory.data((GRID_FRAMES + 8) << 2, 16);
const RIGHT: usize = memory.data((GRID_FRAMES + 8) << 2, 16);
const DELAYED: usize = memory.data((GRID_FRAMES + 96) << 2, 16);

export class Exciter extends Processor {
  stateBytes(sampleRate: f64, params: usize): i32 {
    return <i32>((STATE_BYTES + 15) & ~15);
  }

  latencyFrames(sampleRate: f64, params: usize): i32 {
    return oversamplerLatency(doublingsAt(sampleRate));
  }

  tailFrames(sampleRate: f64, params: usize): i32 {
    return load<f64>(params + EXCITER_AMOUNT) > 0 ? <i32>(TAIL_SECONDS * sampleRate) : 0;
  }

  reset(state: usize, sampleRate: f64, params: usize): void {
    prepareOversampler();
    memory.fill(state, 0, STATE_BYTES);
    store<f64>(state, sampleRate);
    // No parameters look like this, so that the first call makes the filters.
    memory.fill(state + PARAMETERS, 0xff, PARAMETER_BYTES);
  }

  process(state: usize, params: usize, left: usize, right: usize, frames: i32): void {
    const sampleRate = load<f64>(state);
    const amount = load<f64>(params + EXCITER_AMOUNT);
    if (memory.compare(state + PARAMETERS, params, PARAMETER_BYTES) != 0) {
      const fHz = load<f64>(params + EXCITER_F_HZ);
      designMatchedBiquad(state + SECTIONS, EQUALIZER_TYPE_HIGH_PASS, fHz, Math.SQRT1_2, 0, sampleRate);
      designMatchedBiquad(state + SECTIONS + SECTION_BYTES, EQUALIZER_TYPE_HIGH_PASS, fHz, Math.SQRT1_2, 0, sampleRate);
      if (amount == 0) {
        clearSections(state + SECTIONS, 2);
        memory.fill(state + LEFT_HARMONICS, 0, 2 * HARMONICS_BYTES);
      }
      memory.copy(state + PARAMETERS, params, PARAMETER_BYTES);
    }
    const delay = <usize>oversamplerLatency(doublingsAt(sampleRate));
    while (frames > 0) {
      const run = framesOnGrid(state + 8, frames);
      if (amount > 0) makeLayer(state, params, left, right, run);
      delayBy(state + DELAYS, delay, left, run);
      delayBy(state + DELAYS + 4 * MOST_DELAY, delay, right, run);
      if (amount > 0) {
        add(LEFT, left, <f32>amount, run);
        add(RIGHT, right, <f32>amount, run);
      }
      if (advanceOnGrid(state + 8, run)) {
        settleSections(state + SECTIONS, 2);
        settleHarmonics(state + LEFT_HARMONICS);
        settleHarmonics(state + RIGHT_HARMONICS);
      }
      left += <usize>run << 2;
      right += <usize>run << 2;
      frames -= run;
    }
  }
}

function doublingsAt(sampleRate: f64): i32 {
  return sampleRate < FOUR_TIMES_BELOW_HZ ? 2 : 1;
}

function partPerFrame(ms: f64, sampleRate: f64): f64 {
  return 1 - Math.exp(-1000 / (ms * sampleRate));
}

/** Writes the filtered harmonics of both channels to `LEFT` and `RIGHT`. */
function makeLayer(state: usize, params: usize, left: usize, right: usize, frames: i32): void {
  const sampleRate = load<f64>(state);
  const doublings = doublingsAt(sampleRate);
  const drive = Math.pow(10, load<f64>(params + EXCITER_DRIVE_DB) / 20);
  const bias = LARGEST_BIAS * load<f64>(params + EXCITER_EVEN);
  const follow = partPerFrame(LEVEL_MS, sampleRate);
  const track = <f32>partPerFrame(TRACK_MS, sampleRate);
  widenStereo(left, right, BLOCK, frames);
  runSection(state + SECTIONS, BLOCK, BLOCK, frames);
  narrowStereo(BLOCK, LEFT, RIGHT, frames);
  makeHarmonics(state + LEFT_HARMONICS, doublings, LEFT, frames, drive, bias, follow, track);
  makeHarmonics(state + RIGHT_HARMONICS, doublings, RIGHT, frames, drive, bias, follow, track);
  widenStereo(LEFT, RIGHT, BLOCK, frames);
  runSection(state + SECTIONS + SECTION_BYTES, BLOCK, BLOCK, frames);
  narrowStereo(BLOCK, LEFT, RIGHT, frames);
}

function delayBy(past: usize, delay: usize, channel: usize, frames: i32): void {
  const bytes = <usize>frames << 2;
  memory.copy(DELAYED, past, delay << 2);
  memory.copy(DELAYED + (delay << 2), channel, bytes);
  memory.copy(channel, DELAYED, bytes);
  memory.copy(past, DELAYED + bytes, delay << 2);
}

function add(layer: usize, channel: usize, amount: f32, frames: i32): void {
  for (const end = channel + (<usize>frames << 2); channel < end; channel += 4, layer += 4) {
    store<f32>(channel, load<f32>(channel) + amount * load<f32>(layer));
  }
}
