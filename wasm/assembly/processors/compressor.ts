import {
  COMPRESSOR_BAND_ATTACK_MS,
  COMPRESSOR_BAND_BYTES,
  COMPRESSOR_BAND_COUNT,
  COMPRESSOR_BAND_KNEE_DB,
  COMPRESSOR_BAND_LOW_RATIO,
  COMPRESSOR_BAND_LOW_THRESHOLD_DB,
  COMPRESSOR_BAND_MAKEUP_DB,
  COMPRESSOR_BAND_RATIO,
  COMPRESSOR_BAND_RELEASE_MS,
  COMPRESSOR_BAND_RMS_MS,
  COMPRESSOR_BAND_THRESHOLD_DB,
  COMPRESSOR_BANDS,
  COMPRESSOR_CROSSOVER1_HZ,
  COMPRESSOR_MAX_BANDS,
} from '../generated/abi';
import { clearSections, runSection, SECTION_BYTES, settleSections } from '../kernels/biquad';
import {
  ATTACK,
  controlGain,
  DETECT,
  GAIN_BYTES,
  HIGH_SLOPE,
  KNEE_DB,
  LOW_SLOPE,
  LOW_THRESHOLD_DB,
  MAKEUP_DB,
  MEAN_SQUARE,
  RELEASE,
  settleGain,
  THRESHOLD_DB,
} from '../kernels/gain-computer';
import { clearSplit, crossoverHz, designAllPass, designSplit, runSplit, settleSplit, SPLIT_BYTES } from '../kernels/linkwitz-riley';
import { advanceOnGrid, BLOCK_BYTES, framesOnGrid, narrowStereo, widenStereo } from '../kernels/stereo-block';
import { Processor } from './processor';

/**
 * State: f64 rate, u32 position, i32 bands, the parameters this was made for, four gain computers, three splits, three
 * all-passes (they bring the bands under a later split back in phase: the first under the second and third, the second
 * under the third). One band runs no filter; when every band is neutral nothing runs at all.
 */
const PARAMETER_BYTES: usize = COMPRESSOR_BANDS + <usize>COMPRESSOR_MAX_BANDS * COMPRESSOR_BAND_BYTES;
const PARAMETERS: usize = 16;
const GAINS: usize = (PARAMETERS + PARAMETER_BYTES + 15) & ~15;
const SPLITS: usize = GAINS + <usize>COMPRESSOR_MAX_BANDS * GAIN_BYTES;
const ALL_PASSES: usize = SPLITS + 3 * SPLIT_BYTES;
const STATE_BYTES: usize = ALL_PASSES + 3 * SECTION_BYTES;

/** Two fourth-order crossovers at 30 Hz have faded by 130 dB, which leaves 90 under the largest gain. */
const TAIL_SECONDS: f64 = 0.4;
/** Knees are at least this wide: one formula serves for hard ones too. */
const NARROWEST_KNEE_DB: f64 = 0.001;

const REST: usize = memory.data(BLOCK_BYTES, 16);
const BANDS: usize = memory.data(3 * BLOCK_BYTES, 16);

export class Compressor extends Processor {
  stateBytes(sampleRate: f64, params: usize): i32 {
    return <i32>STATE_BYTES;
  }

  latencyFrames(sampleRate: f64, params: usize): i32 {
    return 0;
  }

  tailFrames(sampleRate: f64, params: usize): i32 {
    return load<f64>(params + COMPRESSOR_BAND_COUNT) > 1 ? <i32>(TAIL_SECONDS * sampleRate) : 0;
  }

  reset(state: usize, sampleRate: f64, params: usize): void {
    memory.fill(state, 0, STATE_BYTES);
    store<f64>(state, sampleRate);
    // No parameters look like this, so that the first call makes the coefficients.
    memory.fill(state + PARAMETERS, 0xff, PARAMETER_BYTES);
  }

  process(state: usize, params: usize, left: usize, right: usize, frames: i32): void {
    const bytes = COMPRESSOR_BANDS + <usize>load<f64>(params + COMPRESSOR_BAND_COUNT) * COMPRESSOR_BAND_BYTES;
    if (memory.compare(state + PARAMETERS, params, bytes) != 0) design(state, params, bytes);
    const bands = load<i32>(state, 12);
    while (frames > 0) {
      const run = framesOnGrid(state + 8, frames);
      if (bands > 0) {
        widenStereo(left, right, REST, run);
        runBands(state, bands, run);
        narrowStereo(REST, left, right, run);
      }
      if (advanceOnGrid(state + 8, run)) {
        settleSections(state + ALL_PASSES, 3);
        for (let k = 0; k < 3; k += 1) settleSplit(state + SPLITS + <usize>k * SPLIT_BYTES);
        for (let k = 0; k < bands; k += 1) settleGain(state + GAINS + <usize>k * GAIN_BYTES);
      }
      left += <usize>run << 2;
      right += <usize>run << 2;
      frames -= run;
    }
  }
}

/** Splits `REST` into bands, gives each its gain, adds them up in `REST`. */
function runBands(state: usize, bands: i32, frames: i32): void {
  let allPass = state + ALL_PASSES;
  for (let k = 0; k < bands - 1; k += 1) {
    let low = BANDS + <usize>k * BLOCK_BYTES;
    runSplit(state + SPLITS + <usize>k * SPLIT_BYTES, REST, low, frames);
    for (let rest = REST, end = REST + (<usize>frames << 4); rest < end; rest += 16, low += 16) {
      v128.store(rest, f64x2.sub(v128.load(rest), v128.load(low)));
    }
    for (let below = 0; below < k; below += 1, allPass += SECTION_BYTES) {
      const block = BANDS + <usize>below * BLOCK_BYTES;
      runSection(allPass, block, block, frames);
    }
  }
  weigh(state + GAINS + <usize>(bands - 1) * GAIN_BYTES, REST, frames);
  for (let k = 0; k < bands - 1; k += 1) {
    let block = BANDS + <usize>k * BLOCK_BYTES;
    weigh(state + GAINS + <usize>k * GAIN_BYTES, block, frames);
    for (let sum = REST, end = REST + (<usize>frames << 4); sum < end; sum += 16, block += 16) {
      v128.store(sum, f64x2.add(v128.load(sum), v128.load(block)));
    }
  }
}

function weigh(band: usize, block: usize, frames: i32): void {
  if (load<f64>(band, HIGH_SLOPE) == 0 && load<f64>(band, LOW_SLOPE) == 0) {
    const makeupDb = load<f64>(band, MAKEUP_DB);
    if (makeupDb == 0) return;
    const gain = f64x2.splat(Math.pow(10, makeupDb / 20));
    for (const end = block + (<usize>frames << 4); block < end; block += 16) {
      v128.store(block, f64x2.mul(v128.load(block), gain));
    }
    return;
  }
  controlGain(band, block, frames);
}

function partPerFrame(ms: f64, sampleRate: f64): f64 {
  return ms <= 0 ? 1 : 1 - Math.exp(-1000 / (ms * sampleRate));
}

function design(state: usize, params: usize, bytes: usize): void {
  const sampleRate = load<f64>(state);
  const bands = <i32>load<f64>(params + COMPRESSOR_BAND_COUNT);
  let neutral = true;
  for (let k = 0; k < bands; k += 1) {
    const from = params + COMPRESSOR_BANDS + <usize>k * COMPRESSOR_BAND_BYTES;
    const to = state + GAINS + <usize>k * GAIN_BYTES;
    const highSlope = 1 / load<f64>(from + COMPRESSOR_BAND_RATIO) - 1;
    const lowSlope = 1 - 1 / load<f64>(from + COMPRESSOR_BAND_LOW_RATIO);
    const makeupDb = load<f64>(from + COMPRESSOR_BAND_MAKEUP_DB);
    store<f64>(to, partPerFrame(load<f64>(from + COMPRESSOR_BAND_RMS_MS), sampleRate), DETECT);
    store<f64>(to, partPerFrame(load<f64>(from + COMPRESSOR_BAND_ATTACK_MS), sampleRate), ATTACK);
    store<f64>(to, partPerFrame(load<f64>(from + COMPRESSOR_BAND_RELEASE_MS), sampleRate), RELEASE);
    store<f64>(to, highSlope, HIGH_SLOPE);
    store<f64>(to, lowSlope, LOW_SLOPE);
    store<f64>(to, load<f64>(from + COMPRESSOR_BAND_THRESHOLD_DB), THRESHOLD_DB);
    store<f64>(to, load<f64>(from + COMPRESSOR_BAND_LOW_THRESHOLD_DB), LOW_THRESHOLD_DB);
    store<f64>(to, Math.max(NARROWEST_KNEE_DB, load<f64>(from + COMPRESSOR_BAND_KNEE_DB)), KNEE_DB);
    store<f64>(to, makeupDb, MAKEUP_DB);
    if (highSlope != 0 || lowSlope != 0) neutral = false;
    else memory.fill(to + MEAN_SQUARE, 0, 32);
    if (makeupDb != 0) neutral = false;
  }
  const running = neutral ? 0 : bands;
  if (running != load<i32>(state, 12)) {
    clearSections(state + ALL_PASSES, 3);
    for (let k = 0; k < 3; k += 1) clearSplit(state + SPLITS + <usize>k * SPLIT_BYTES);
  }
  store<i32>(state, running, 12);
  let lowestHz: f64 = 0;
  let allPass = state + ALL_PASSES;
  for (let k = 0; k < bands - 1; k += 1) {
    lowestHz = crossoverHz(load<f64>(params + COMPRESSOR_CROSSOVER1_HZ + (<usize>k << 3)), lowestHz, sampleRate);
    designSplit(state + SPLITS + <usize>k * SPLIT_BYTES, lowestHz, sampleRate);
    for (let below = 0; below < k; below += 1, allPass += SECTION_BYTES) designAllPass(allPass, lowestHz, sampleRate);
  }
  memory.fill(state + PARAMETERS, 0xff, PARAMETER_BYTES);
  memory.copy(state + PARAMETERS, params, bytes);
}
