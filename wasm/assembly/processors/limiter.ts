import { LIMITER_LOOKAHEAD_MS, LIMITER_RELEASE_MS, LIMITER_TP_DB } from '../generated/abi';
import { meanFramesOf, peakStageBytes, peakStageLatency, resetPeakStage, runPeakStage } from '../kernels/peak-stage';
import { LONG_PAIRS, SHORT_PAIRS } from '../kernels/true-peak';
import { framesOnGrid, advanceOnGrid } from '../kernels/stereo-block';
import { Processor } from './processor';

/**
 * True-peak look-ahead limiter in two stages: the first does the work over the asked look-ahead; the second measures
 * what has become of the peaks (a moving gain shifts them) and takes off the rest, hundredths of a dB as a rule.
 *
 * The ceiling is kept with `MARGIN_DB` in hand, for meters whose filter or grid differs from
 * ours near Nyquist (ffmpeg measures 44.1 kHz at 192 kHz: between our points).
 *
 * State: f64 rate, u32 position, 4 spare, f64 look-ahead the stages were made for, 8 spare, first stage, second stage.
 */
const STAGES: usize = 32;
const LONGEST_LOOKAHEAD_MS: f64 = 10;
/** Look-ahead of the second stage: long against the detector's 32 taps, at any rate. */
const SECOND_MEAN_FRAMES: i32 = 22;
const MARGIN_DB: f64 = 0.12;
/** The first stage aims lower, so that the second rests unless it is needed. */
const FIRST_MARGIN_DB: f64 = 0.16;
/** Time constants of the slow release, in those of the fast one. */
const SLOW_ATTACK: f64 = 1.5;
const SLOW_RELEASE: f64 = 4;
const SECOND_RELEASE_MS: f64 = 20;

function partPerFrame(ms: f64, sampleRate: f64): f64 {
  return 1 - Math.exp(-1000 / (ms * sampleRate));
}

export class Limiter extends Processor {
  stateBytes(sampleRate: f64, params: usize): i32 {
    return <i32>(STAGES + peakStageBytes(meanFramesOf(LONGEST_LOOKAHEAD_MS * sampleRate / 1000), SHORT_PAIRS) + peakStageBytes(SECOND_MEAN_FRAMES, LONG_PAIRS));
  }

  latencyFrames(sampleRate: f64, params: usize): i32 {
    const mean = meanFramesOf(load<f64>(params + LIMITER_LOOKAHEAD_MS) * sampleRate / 1000);
    return peakStageLatency(mean, SHORT_PAIRS) + peakStageLatency(SECOND_MEAN_FRAMES, LONG_PAIRS);
  }

  tailFrames(sampleRate: f64, params: usize): i32 {
    return 0;
  }

  reset(state: usize, sampleRate: f64, params: usize): void {
    memory.fill(state, 0, this.stateBytes(sampleRate, params));
    store<f64>(state, sampleRate);
  }

  process(state: usize, params: usize, left: usize, right: usize, frames: i32): void {
    const sampleRate = load<f64>(state);
    const lookaheadMs = load<f64>(params + LIMITER_LOOKAHEAD_MS);
    const longest = meanFramesOf(LONGEST_LOOKAHEAD_MS * sampleRate / 1000);
    const first = state + STAGES;
    const second = first + peakStageBytes(longest, SHORT_PAIRS);
    if (load<f64>(state, 16) != lookaheadMs) {
      store<f64>(state, lookaheadMs, 16);
      resetPeakStage(first, meanFramesOf(lookaheadMs * sampleRate / 1000), longest, SHORT_PAIRS);
      resetPeakStage(second, SECOND_MEAN_FRAMES, SECOND_MEAN_FRAMES, LONG_PAIRS);
    }
    const tpDb = load<f64>(params + LIMITER_TP_DB);
    const firstCeiling = Math.pow(10, (tpDb - FIRST_MARGIN_DB) / 20);
    const secondCeiling = Math.pow(10, (tpDb - MARGIN_DB) / 20);
    const releaseMs = load<f64>(params + LIMITER_RELEASE_MS);
    const fastRelease = partPerFrame(releaseMs, sampleRate);
    const slowAttack = partPerFrame(SLOW_ATTACK * releaseMs, sampleRate);
    const slowRelease = partPerFrame(SLOW_RELEASE * releaseMs, sampleRate);
    const secondRelease = partPerFrame(SECOND_RELEASE_MS, sampleRate);
    while (frames > 0) {
      const run = framesOnGrid(state + 8, frames);
      runPeakStage(first, left, right, run, firstCeiling, fastRelease, slowAttack, slowRelease);
      runPeakStage(second, left, right, run, secondCeiling, secondRelease, secondRelease, secondRelease);
      advanceOnGrid(state + 8, run);
      left += <usize>run << 2;
      right += <usize>run << 2;
      frames -= run;
    }
  }
}
