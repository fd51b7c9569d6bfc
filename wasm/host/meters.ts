/** What measures in the engine: one meter, or several that hear the same frames. */
import { METERS, type MeterName } from '../../shared/generated/abi.ts';
import { BLOCK_FRAMES } from './block.ts';
import type { Engine } from './engine.ts';

/** Room for a block of each channel in the engine's memory. */
interface Lines {
  readonly left: number;
  readonly right: number;
}

const allocateLines = ({ raw }: Engine): Lines => ({ left: raw.allocate(BLOCK_FRAMES * 4), right: raw.allocate(BLOCK_FRAMES * 4) });

/** Brings two channels into lines, block by block; mono is brought once. */
function* blocksOf(engine: Engine, lines: Lines, left: Float32Array, right: Float32Array): Generator<{ frames: number; isMono: boolean }, void, undefined> {
  const isMono = left === right;
  for (let from = 0; from < left.length; from += BLOCK_FRAMES) {
    const frames = Math.min(BLOCK_FRAMES, left.length - from);
    engine.f32(lines.left, frames).set(left.subarray(from, from + frames));
    if (!isMono) engine.f32(lines.right, frames).set(right.subarray(from, from + frames));
    yield { frames, isMono };
  }
}

export class MeterGroup<N extends MeterName> {
  readonly #engine: Engine;
  readonly #lines: Lines;
  readonly #meters: ReadonlyMap<N, Meter>;

  constructor(engine: Engine, sampleRate: number, names: readonly N[]) {
    this.#engine = engine;
    this.#lines = allocateLines(engine);
    this.#meters = new Map(names.map((name) => [name, new Meter(engine, METERS.indexOf(name), sampleRate, 0, this.#lines)]));
  }

  /** As `Meter.process`, for all of them. */
  process(left: Float32Array, right: Float32Array, drained: { readonly [M in N]?: (values: Float64Array) => void }): void {
    for (const { frames, isMono } of blocksOf(this.#engine, this.#lines, left, right)) {
      for (const [name, meter] of this.#meters) meter.processLines(frames, isMono, drained[name]);
    }
  }

  /** As `Meter.finish`, for one of them. */
  finish(name: N): Float64Array {
    return this.#meters.get(name)!.finish();
  }
}

export class Meter {
  readonly #engine: Engine;
  readonly #id: number;
  readonly #state: number;
  readonly #lines: Lines;
  readonly #out: number;

  /** @param lines where the frames lie, if the meter shares them with others */
  constructor(engine: Engine, id: number, sampleRate: number, option: number, lines?: Lines) {
    const { raw } = engine;
    this.#engine = engine;
    this.#id = id;
    this.#state = raw.allocate(raw.meterStateBytes(id, sampleRate, option));
    raw.meterReset(id, this.#state, sampleRate, option);
    this.#lines = lines ?? allocateLines(engine);
    this.#out = raw.allocate(8 * Math.max(1, raw.meterDrainLimit(id, this.#state, BLOCK_FRAMES)));
  }

  /** Reads; for mono pass the same array twice. What became known is handed to `drained`, if given. */
  process(left: Float32Array, right: Float32Array, drained?: (values: Float64Array) => void): void {
    for (const { frames, isMono } of blocksOf(this.#engine, this.#lines, left, right)) this.processLines(frames, isMono, drained);
  }

  /** For a group: the frames lie in its lines already. */
  processLines(frames: number, isMono: boolean, drained?: (values: Float64Array) => void): void {
    const { raw } = this.#engine;
    const { left, right } = this.#lines;
    raw.meterProcess(this.#id, this.#state, left, isMono ? left : right, frames);
    const count = raw.meterDrain(this.#id, this.#state, this.#out);
    if (count > 0) drained?.(this.#engine.f64(this.#out, count).slice());
  }

  /** Ends the measurement; the meter's file says what the values are. */
  finish(): Float64Array {
    const { raw } = this.#engine;
    const count = raw.meterFinishCount(this.#id, this.#state);
    const out = raw.allocate(8 * Math.max(1, count));
    raw.meterFinish(this.#id, this.#state, out);
    return this.#engine.f64(out, count).slice();
  }
}
