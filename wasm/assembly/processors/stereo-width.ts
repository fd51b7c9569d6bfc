import {
  STEREO_WIDTH_CROSSOVER1_HZ,
  STEREO_WIDTH_CROSSOVER2_HZ,
  STEREO_WIDTH_WIDTH_HIGH,
  STEREO_WIDTH_WIDTH_LOW,
  STEREO_WIDTH_WIDTH_MID,
} from '../generated/abi';
import { clearSections, runSection, SECTION_BYTES, settleSections } from '../kernels/biquad';
import { clearSplit, crossoverHz, designAllPass, designSplit, runSplit, settleSplit, SPLIT_BYTES } from '../kernels/linkwitz-riley';
import { advanceOnGrid, BLOCK_BYTES, framesOnGrid, narrowStereo, widenStereo } from '../kernels/stereo-block';
import { Processor } from './processor';

/**
 * Gain of the side, S = (L - R) / 2, in three bands of a fourth-order crossover; the mid, M = (L + R) / 2, passes the
 * all-passes that the bands add up to, so that mid and side stay in phase. Three equal widths are a plain gain of the
 * side, without filters, and three widths of 1 are exactly nothing.
 *
 * The lanes are mid and side. With A and L the all-pass and the low side of a split, the side becomes
 * A2(low L1 + high (A1 - L1)) + (mid - high) L2(A1 - L1), so that one all-pass serves both lanes.
 *
 * State: f64 rate, u32 position, i32 mode, the parameters this was made for (40 bytes, 8 spare), two splits, the second
 * split's all-pass.
 */
const PARAMETER_BYTES: usize = 40;
const PARAMETERS: usize = 16;
const FIRST: usize = 64;
const SECOND: usize = FIRST + SPLIT_BYTES;
const ALL_PASS: usize = SECOND + SPLIT_BYTES;
const STATE_BYTES: usize = ALL_PASS + SECTION_BYTES;

const MODE_NOTHING: i32 = 0;
const MODE_PLAIN: i32 = 1;
const MODE_BANDS: i32 = 2;

/** Two fourth-order crossovers at 60 Hz have faded by 90 dB. */
const TAIL_SECONDS: f64 = 0.15;

const BLOCK: usize = memory.data(BLOCK_BYTES, 16);
const LOW: usize = memory.data(BLOCK_BYTES, 16);
const MID: usize = memory.data(BLOCK_BYTES, 16);

export class StereoWidth extends Processor {
  stateBytes(sampleRate: f64, params: usize): i32 {
    return <i32>STATE_BYTES;
  }

  latencyFrames(sampleRate: f64, params: usize): i32 {
    return 0;
  }

  tailFrames(sampleRate: f64, params: usize): i32 {
    return modeOf(params) == MODE_BANDS ? <i32>(TAIL_SECONDS * sampleRate) : 0;
  }

  reset(state: usize, sampleRate: f64, params: usize): void {
    memory.fill(state, 0, STATE_BYTES);
    store<f64>(state, sampleRate);
    // No parameters look like this, so that the first call makes the coefficients.
    memory.fill(state + PARAMETERS, 0xff, PARAMETER_BYTES);
  }

  process(state: usize, params: usize, left: usize, right: usize, frames: i32): void {
    if (memory.compare(state + PARAMETERS, params, PARAMETER_BYTES) != 0) design(state, params);
    const mode = load<i32>(state, 12);
    while (frames > 0) {
      const run = framesOnGrid(state + 8, frames);
      if (mode != MODE_NOTHING) {
        widenStereo(left, right, BLOCK, run);
        turn(BLOCK, 0.5, mode == MODE_PLAIN ? 0.5 * load<f64>(params + STEREO_WIDTH_WIDTH_LOW) : 0.5, run);
        if (mode == MODE_BANDS) widen(state, params, run);
        turn(BLOCK, 1, 1, run);
        narrowStereo(BLOCK, left, right, run);
      }
      if (advanceOnGrid(state + 8, run)) {
        settleSplit(state + FIRST);
        settleSplit(state + SECOND);
        settleSections(state + ALL_PASS, 1);
      }
      left += <usize>run << 2;
      right += <usize>run << 2;
      frames -= run;
    }
  }
}

function modeOf(params: usize): i32 {
  const low = load<f64>(params + STEREO_WIDTH_WIDTH_LOW);
  if (load<f64>(params + STEREO_WIDTH_WIDTH_MID) != low || load<f64>(params + STEREO_WIDTH_WIDTH_HIGH) != low) return MODE_BANDS;
  return low == 1 ? MODE_NOTHING : MODE_PLAIN;
}

/** Sum and difference of the lanes, each times its own factor. */
function turn(block: usize, sumFactor: f64, differenceFactor: f64, frames: i32): void {
  const factors = f64x2.replace_lane(f64x2.splat(sumFactor), 1, differenceFactor);
  const signs = f64x2.replace_lane(f64x2.splat(1), 1, -1);
  for (const end = block + (<usize>frames << 4); block < end; block += 16) {
    const x = v128.load(block);
    const sum = f64x2.add(v128.shuffle<i64>(x, x, 0, 0), f64x2.mul(v128.shuffle<i64>(x, x, 1, 1), signs));
    v128.store(block, f64x2.mul(sum, factors));
  }
}

function widen(state: usize, params: usize, frames: i32): void {
  const low = load<f64>(params + STEREO_WIDTH_WIDTH_LOW);
  const mid = load<f64>(params + STEREO_WIDTH_WIDTH_MID);
  const high = load<f64>(params + STEREO_WIDTH_WIDTH_HIGH);
  runSplit(state + FIRST, BLOCK, LOW, frames);
  // Lane 0 of BLOCK is the mid, which only takes the all-passes: its share of the weights is 1 and 0.
  const share = f64x2.replace_lane(f64x2.splat(1), 1, high);
  const lowShare = f64x2.replace_lane(f64x2.splat(0), 1, low - high);
  const end = <usize>frames << 4;
  for (let at: usize = 0; at < end; at += 16) {
    const all = v128.load(BLOCK + at);
    const under = v128.load(LOW + at);
    v128.store(MID + at, f64x2.sub(all, under));
    v128.store(BLOCK + at, f64x2.add(f64x2.mul(all, share), f64x2.mul(under, lowShare)));
  }
  runSplit(state + SECOND, MID, LOW, frames);
  runSection(state + ALL_PASS, BLOCK, BLOCK, frames);
  const midShare = f64x2.replace_lane(f64x2.splat(0), 1, mid - high);
  for (let at: usize = 0; at < end; at += 16) {
    v128.store(BLOCK + at, f64x2.add(v128.load(BLOCK + at), f64x2.mul(v128.load(LOW + at), midShare)));
  }
}

function design(state: usize, params: usize): void {
  const sampleRate = load<f64>(state);
  const first = crossoverHz(load<f64>(params + STEREO_WIDTH_CROSSOVER1_HZ), 0, sampleRate);
  const second = crossoverHz(load<f64>(params + STEREO_WIDTH_CROSSOVER2_HZ), first, sampleRate);
  designSplit(state + FIRST, first, sampleRate);
  designSplit(state + SECOND, second, sampleRate);
  designAllPass(state + ALL_PASS, second, sampleRate);
  const mode = modeOf(params);
  if (mode != load<i32>(state, 12)) {
    clearSplit(state + FIRST);
    clearSplit(state + SECOND);
    clearSections(state + ALL_PASS, 1);
  }
  store<i32>(state, mode, 12);
  memory.copy(state + PARAMETERS, params, PARAMETER_BYTES);
}
