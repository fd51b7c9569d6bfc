/**
 * Faults that a render may add, counted per minute: `artifacts_rate` of the result page.
 *
 * Not the artefact detector, which is faults/find-faults.ts: that one finds more and is wrong less often (wasm/README.md,
 * "Artefacts"), and looking for the same three kinds costs 34 ms of one core per second of music where this costs 4 and the
 * default chain's render 2.5. Tests use that one; a page that has just rendered a whole recording uses this.
 *
 * click: in 5 ms, one second difference stands 26 dB over those of the 5 ms before and after, holds a third of its own
 *   stretch's energy (an attack goes on, a click does not) and passes 0.01 of full scale.
 * gap (discontinuity): 2 to 250 ms of samples that do not change at all, on every channel, between stretches over -50 dBFS.
 * pump: the level of the result over the target's, in 50 ms steps smoothed over three, dips by 6 dB or more against
 *   the half second before and the second after, while the target is over -50 dBFS.
 *
 * Clicks and gaps that the target has too are not counted; pumps need the target to be seen at all.
 * All thresholds are ours. Of twelve development targets none has an event; a drum kit compressed by up to 10 dB counts
 * 14 pumps in 14 s, which is what it sounds like; a limiter driven by 11 dB counts none.
 */

const CLICK_SECONDS = 0.005;
const CLICK_OVER_NEIGHBOURS = 20; // 26 dB
const CLICK_ENERGY_SHARE = 1 / 3;
const CLICK_MIN_DIFFERENCE = 0.01;
const GAP_SECONDS = [0.002, 0.25] as const;
const LIVE_POWER = 1e-5; // -50 dBFS
const PUMP_FRAME_SECONDS = 0.05;
const PUMP_DB = 6;
const PUMP_BEFORE_FRAMES = 10;
const PUMP_AFTER_FRAMES = 20;
/** A dip is the lowest step of this many on either side. */
const PUMP_APART_FRAMES = 5;

/** One channel's second differences, 5 ms at a time. */
class ClickDetector {
  readonly #blockFrames: number;
  readonly #energies = [0, 0, 0];
  readonly #peaks = [0, 0, 0];
  #blocks = 0;
  #filled = 0;
  #before = 0;
  #beforeThat = 0;
  events = 0;

  constructor(sampleRate: number) {
    this.#blockFrames = Math.max(16, Math.round(CLICK_SECONDS * sampleRate));
  }

  add(samples: Float32Array): void {
    let energy = this.#energies[2]!;
    let peak = this.#peaks[2]!;
    let [x1, x2] = [this.#before, this.#beforeThat];
    for (let i = 0; i < samples.length; i += 1) {
      const x = samples[i]!;
      const difference = x - 2 * x1 + x2;
      x2 = x1;
      x1 = x;
      const square = difference * difference;
      energy += square;
      if (square > peak) peak = square;
      this.#filled += 1;
      if (this.#filled === this.#blockFrames) {
        this.#energies[2] = energy;
        this.#peaks[2] = peak;
        this.#close();
        energy = 0;
        peak = 0;
      }
    }
    this.#energies[2] = energy;
    this.#peaks[2] = peak;
    [this.#before, this.#beforeThat] = [x1, x2];
  }

  #close(): void {
    const [before, here, after] = this.#energies as [number, number, number];
    const peak = this.#peaks[1]!;
    const around = (before + after) / (2 * this.#blockFrames);
    // The first block has no block before it, and the recording's own start is no click.
    const isClick =
      this.#blocks >= 2 &&
      peak > CLICK_OVER_NEIGHBOURS ** 2 * around &&
      peak > CLICK_ENERGY_SHARE * here &&
      peak > CLICK_MIN_DIFFERENCE ** 2;
    if (isClick) this.events += 1;
    this.#energies.shift();
    this.#energies.push(0);
    this.#peaks.shift();
    this.#peaks.push(0);
    this.#blocks += 1;
    this.#filled = 0;
  }
}

/** Stretches of samples that stand still between live ones. */
class GapDetector {
  readonly #minFrames: number;
  readonly #maxFrames: number;
  readonly #smoothing: number;
  readonly #settleFrames: number;
  #left = NaN;
  #right = NaN;
  #power = 0;
  #run = 0;
  #powerBeforeRun = 0;
  /** Frames until a gap that has ended is judged by what follows; 0 where none is pending. */
  #pending = 0;
  events = 0;

  constructor(sampleRate: number) {
    this.#minFrames = Math.round(GAP_SECONDS[0] * sampleRate);
    this.#maxFrames = Math.round(GAP_SECONDS[1] * sampleRate);
    this.#settleFrames = Math.round(CLICK_SECONDS * sampleRate);
    this.#smoothing = 1 / this.#settleFrames;
  }

  add(left: Float32Array, right: Float32Array): void {
    for (let i = 0; i < left.length; i += 1) {
      const [l, r] = [left[i]!, right[i]!];
      if (l === this.#left && r === this.#right) {
        if (this.#run === 0) this.#powerBeforeRun = this.#power;
        this.#run += 1;
      } else {
        const isGap = this.#run >= this.#minFrames && this.#run <= this.#maxFrames && this.#powerBeforeRun > LIVE_POWER;
        if (isGap) {
          this.#pending = this.#settleFrames;
          this.#power = 0;
        }
        this.#run = 0;
      }
      [this.#left, this.#right] = [l, r];
      this.#power += ((l * l + r * r) / 2 - this.#power) * this.#smoothing;
      if (this.#pending > 0) {
        this.#pending -= 1;
        if (this.#pending === 0 && this.#power > LIVE_POWER / 2) this.events += 1;
      }
    }
  }
}

/** Clicks and gaps of one recording. */
export class FaultCounter {
  readonly #left: ClickDetector;
  readonly #right: ClickDetector;
  readonly #gaps: GapDetector;

  constructor(sampleRate: number) {
    this.#left = new ClickDetector(sampleRate);
    this.#right = new ClickDetector(sampleRate);
    this.#gaps = new GapDetector(sampleRate);
  }

  add(left: Float32Array, right: Float32Array): void {
    this.#left.add(left);
    if (right !== left) this.#right.add(right);
    this.#gaps.add(left, right);
  }

  get clicks(): number {
    return Math.max(this.#left.events, this.#right.events);
  }

  get gaps(): number {
    return this.#gaps.events;
  }
}

/** Power in steps of 50 ms. */
class LevelSteps {
  readonly #stepFrames: number;
  #sum = 0;
  #filled = 0;
  readonly powers: number[] = [];

  constructor(sampleRate: number) {
    this.#stepFrames = Math.round(PUMP_FRAME_SECONDS * sampleRate);
  }

  add(left: Float32Array, right: Float32Array): void {
    for (let i = 0; i < left.length; i += 1) {
      this.#sum += left[i]! ** 2 + right[i]! ** 2;
      this.#filled += 1;
      if (this.#filled < this.#stepFrames) continue;
      this.powers.push(this.#sum / (2 * this.#filled));
      this.#sum = 0;
      this.#filled = 0;
    }
  }
}

/** Dips of the result's level against the target's. Give both the same frames, in order. */
export class PumpCounter {
  readonly #result: LevelSteps;
  readonly #target: LevelSteps;
  /** Level differences, dB; null where the target is quiet. Only as many as a dip needs to be judged. */
  readonly #differences: (number | null)[] = [];
  events = 0;

  constructor(sampleRate: number) {
    this.#result = new LevelSteps(sampleRate);
    this.#target = new LevelSteps(sampleRate);
  }

  add(result: readonly [Float32Array, Float32Array], target: readonly [Float32Array, Float32Array]): void {
    this.#result.add(...result);
    this.#target.add(...target);
    while (this.#result.powers.length > 0 && this.#target.powers.length > 0) {
      const [power, reference] = [this.#result.powers.shift()!, this.#target.powers.shift()!];
      this.#differences.push(reference > LIVE_POWER ? 10 * Math.log10(Math.max(power, 1e-12) / reference) : null);
      this.#judge();
    }
  }

  #judge(): void {
    const all = this.#differences;
    if (all.length < PUMP_BEFORE_FRAMES + 1 + PUMP_AFTER_FRAMES + 2) return;
    const smooth = (index: number): number | null => {
      const [a, b, c] = [all[index - 1], all[index], all[index + 1]];
      return a == null || b == null || c == null ? null : (a + b + c) / 3;
    };
    const centre = PUMP_BEFORE_FRAMES + 1;
    const here = smooth(centre);
    if (here !== null) {
      let [before, after] = [-Infinity, -Infinity];
      let isLowest = true;
      for (let offset = -PUMP_BEFORE_FRAMES; offset <= PUMP_AFTER_FRAMES; offset += 1) {
        const level = smooth(centre + offset);
        if (level === null) continue;
        if (offset < 0) before = Math.max(before, level);
        else after = Math.max(after, level);
        if (Math.abs(offset) <= PUMP_APART_FRAMES && (level < here || (level === here && offset < 0))) isLowest = false;
      }
      if (isLowest && before - here >= PUMP_DB && after - here >= PUMP_DB) this.events += 1;
    }
    all.shift();
  }
}
