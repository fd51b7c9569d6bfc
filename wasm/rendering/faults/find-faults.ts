/** The artefact detector: every fault's finder over a recording, in one pass, in bounded memory. */
import { throwIfAborted } from '../../../shared/errors.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import { type Engine, type EngineBinary, openEngine } from '../../host/engine.ts';
import { breathe, readStereo } from '../chain-stream.ts';
import { ClickFinder } from './clicks.ts';
import { type Fault, type Finder, type Finding, GRID_FRAMES, MARGIN_FRAMES, NEEDS_CLEAN, type Rows, windowScale } from './finding.ts';
import { GapFinder } from './gaps.ts';
import { OverFinder } from './overs.ts';
import { PreEchoFinder } from './pre-echoes.ts';
import { PumpFinder } from './pumps.ts';
import { ZipperFinder } from './zipper-noise.ts';

export interface FaultRequest {
  readonly engine: EngineBinary;
  readonly result: PcmSource;
  /**
   * What went into the processor, of the same rate, frame n belonging to frame n; null: the result is judged alone. What the
   * counterpart has itself is no finding then, fainter clicks are found, and so are pumping, pre-echo and zipper noise.
   */
  readonly clean: PcmSource | null;
  /** What to look for; those that need a counterpart are passed over without one. */
  readonly kinds: readonly Fault[];
  /** dBTP that nothing may pass. */
  readonly ceilingDbtp?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (fraction: number) => void;
}

/** What is read at once, in steps of the grid. */
const CHUNK_STEPS = 32;

function finderOf(kind: Fault, engine: Engine, sampleRate: number, ceilingDbtp: number): Finder {
  switch (kind) {
    case 'click':
      return new ClickFinder(engine, sampleRate);
    case 'gap':
      return new GapFinder(sampleRate);
    case 'over':
      return new OverFinder(sampleRate, ceilingDbtp);
    case 'pump':
      return new PumpFinder(engine, sampleRate);
    case 'pre-echo':
      return new PreEchoFinder(sampleRate);
    case 'zipper':
      return new ZipperFinder(engine, sampleRate);
    default:
      return kind satisfies never;
  }
}

/** Rows with a margin of what came before and of what comes after. */
class Reader {
  readonly #pcm: PcmSource;
  readonly #margin: number;
  #rows: Rows | null = null;
  #base = 0;

  constructor(pcm: PcmSource, margin: number) {
    this.#pcm = pcm;
    this.#margin = margin;
  }

  /** Frames `from - margin` to `to + margin`; calls go on where the last one ended. */
  async around(from: number, to: number): Promise<Rows> {
    const [base, end] = [from - this.#margin, to + this.#margin];
    const known = this.#rows ? this.#base + this.#rows[0].length : Math.max(0, base);
    const fresh = await readStereo(this.#pcm, known, end - known);
    const joined = (channel: 0 | 1): Float32Array => {
      const row = new Float32Array(end - base);
      if (this.#rows) row.set(this.#rows[channel].subarray(base - this.#base));
      row.set(fresh[channel], known - base);
      return row;
    };
    const left = joined(0);
    this.#rows = [left, this.#pcm.channels === 1 ? left : joined(1)];
    this.#base = base;
    return this.#rows;
  }
}

/**
 * Faults of a recording, by kind and then in order of time.
 *
 * Memory does not grow with the length; cost and reliability by kind: wasm/README.md, "Artefacts".
 * @throws AppError 'job/cancelled'
 */
export async function findFaults(request: FaultRequest): Promise<Finding[]> {
  const { result, clean, kinds, ceilingDbtp = 0, signal, onProgress } = request;
  const engine = await openEngine(request.engine);
  const finders = kinds.filter((kind) => clean || !NEEDS_CLEAN.has(kind)).map((kind) => finderOf(kind, engine, result.sampleRate, ceilingDbtp));
  const scale = windowScale(result.sampleRate);
  const margin = MARGIN_FRAMES * scale;
  const [mine, theirs] = [new Reader(result, margin), clean && new Reader(clean, margin)];
  const chunk = CHUNK_STEPS * GRID_FRAMES * scale;
  const found = finders.map((): Finding[] => []);
  for (let from = 0; from < result.frames; from += chunk) {
    throwIfAborted(signal);
    const grid = GRID_FRAMES * scale;
    const to = Math.min(from + chunk, Math.ceil(result.frames / grid) * grid);
    const rows = await mine.around(from, to);
    const stretch = { base: from - margin, frames: result.frames, from, to, result: rows, clean: theirs && (await theirs.around(from, to)) };
    finders.forEach((finder, index) => found[index]!.push(...finder.read(stretch)));
    onProgress?.(Math.min(1, to / result.frames));
    await breathe();
  }
  finders.forEach((finder, index) => found[index]!.push(...finder.finish()));
  return found.flat();
}
