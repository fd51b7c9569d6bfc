import {
  EQUALIZER_BAND_BYTES,
  EQUALIZER_BAND_COUNT,
  EQUALIZER_BAND_F_HZ,
  EQUALIZER_BAND_GAIN_DB,
  EQUALIZER_BAND_Q,
  EQUALIZER_BAND_TYPE,
  EQUALIZER_BANDS,
  EQUALIZER_MAX_BANDS,
  EQUALIZER_TYPE_PEAK,
} from '../generated/abi';
import { clearSections, poleRadius, runSection, runSectionPair, SECTION_BYTES, settleSections } from '../kernels/biquad';
import { designMatchedBiquad, isNeutralBand } from '../kernels/matched-biquad';
import { advanceOnGrid, BLOCK_BYTES, framesOnGrid, narrowStereo, widenStereo } from '../kernels/stereo-block';
import { Processor } from './processor';

/**
 * State: f64 rate, u32 position, i32 a bit for each band that runs, the parameters the sections were made for, one
 * section per band. Bands at 0 dB do not run; the memory of a band that starts is zero, as it would be had it run.
 */
const PARAMETER_BYTES: usize = EQUALIZER_BANDS + <usize>EQUALIZER_MAX_BANDS * EQUALIZER_BAND_BYTES;
const PARAMETERS: usize = 16;
const SECTIONS: usize = (PARAMETERS + PARAMETER_BYTES + 15) & ~15;
const STATE_BYTES: usize = SECTIONS + <usize>EQUALIZER_MAX_BANDS * SECTION_BYTES;

/** Natural logarithm of -90 dB. */
const FADED: f64 = -10.37;

const BLOCK: usize = memory.data(BLOCK_BYTES, 16);

export class Equalizer extends Processor {
  stateBytes(sampleRate: f64, params: usize): i32 {
    return <i32>STATE_BYTES;
  }

  latencyFrames(sampleRate: f64, params: usize): i32 {
    return 0;
  }

  tailFrames(sampleRate: f64, params: usize): i32 {
    // The slowest pole of the bands; half as much again for bands whose tails lie over each other.
    let slowest: f64 = 0;
    const end = params + EQUALIZER_BANDS + <usize>load<f64>(params + EQUALIZER_BAND_COUNT) * EQUALIZER_BAND_BYTES;
    for (let band = params + EQUALIZER_BANDS; band < end; band += EQUALIZER_BAND_BYTES) {
      const type = <i32>load<f64>(band + EQUALIZER_BAND_TYPE);
      const gainDb = load<f64>(band + EQUALIZER_BAND_GAIN_DB);
      if (isNeutralBand(type, gainDb)) continue;
      designMatchedBiquad(BLOCK, type, load<f64>(band + EQUALIZER_BAND_F_HZ), load<f64>(band + EQUALIZER_BAND_Q), gainDb, sampleRate);
      slowest = Math.max(slowest, poleRadius(BLOCK));
    }
    return slowest == 0 ? 0 : <i32>Math.ceil((1.5 * FADED) / Math.log(slowest));
  }

  reset(state: usize, sampleRate: f64, params: usize): void {
    memory.fill(state, 0, STATE_BYTES);
    store<f64>(state, sampleRate);
    // No parameters look like this, so that the first call makes the sections.
    memory.fill(state + PARAMETERS, 0xff, PARAMETER_BYTES);
  }

  process(state: usize, params: usize, left: usize, right: usize, frames: i32): void {
    const bytes = EQUALIZER_BANDS + <usize>load<f64>(params + EQUALIZER_BAND_COUNT) * EQUALIZER_BAND_BYTES;
    if (memory.compare(state + PARAMETERS, params, bytes) != 0) design(state, params, bytes);
    const active = load<i32>(state, 12);
    const sections = state + SECTIONS;
    while (frames > 0) {
      const run = framesOnGrid(state + 8, frames);
      if (active != 0) {
        widenStereo(left, right, BLOCK, run);
        for (let k = 0; active >> k != 0; k += 2) {
          const section = sections + <usize>k * SECTION_BYTES;
          const pair = (active >> k) & 3;
          if (pair == 3) runSectionPair(section, BLOCK, BLOCK, run);
          else if (pair == 1) runSection(section, BLOCK, BLOCK, run);
          else if (pair == 2) runSection(section + SECTION_BYTES, BLOCK, BLOCK, run);
        }
        narrowStereo(BLOCK, left, right, run);
      }
      if (advanceOnGrid(state + 8, run)) settleSections(sections, EQUALIZER_MAX_BANDS);
      left += <usize>run << 2;
      right += <usize>run << 2;
      frames -= run;
    }
  }
}

function design(state: usize, params: usize, bytes: usize): void {
  const bands = <i32>load<f64>(params + EQUALIZER_BAND_COUNT);
  let active = 0;
  for (let k = 0; k < EQUALIZER_MAX_BANDS; k += 1) {
    const band = params + EQUALIZER_BANDS + <usize>k * EQUALIZER_BAND_BYTES;
    const section = state + SECTIONS + <usize>k * SECTION_BYTES;
    const type = k < bands ? <i32>load<f64>(band + EQUALIZER_BAND_TYPE) : EQUALIZER_TYPE_PEAK;
    const gainDb = k < bands ? load<f64>(band + EQUALIZER_BAND_GAIN_DB) : 0;
    if (isNeutralBand(type, gainDb)) {
      clearSections(section, 1);
      continue;
    }
    designMatchedBiquad(section, type, load<f64>(band + EQUALIZER_BAND_F_HZ), load<f64>(band + EQUALIZER_BAND_Q), gainDb, load<f64>(state));
    active |= 1 << k;
  }
  store<i32>(state, active, 12);
  memory.fill(state + PARAMETERS, 0xff, PARAMETER_BYTES);
  memory.copy(state + PARAMETERS, params, bytes);
}
