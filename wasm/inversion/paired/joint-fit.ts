/**
 * All values of a chain turned together, at the end: what each step found alone carries what the others had not yet
 * found.
 */
import { equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import type { Style, StyleModules } from '../../../shared/style.ts';
import { type EngineBinary, openEngine } from '../../host/engine.ts';
import { solveSymmetric } from '../least-squares.ts';
import type { Stereo } from './excerpts.ts';
import { type Knob, knobsOf, type Stage, STAGES, turned, type Turned } from './knobs.ts';
import { type Spectra, SpectralTruth } from './spectral-truth.ts';
import { type Passage, StagedRenderer } from './staged-renderer.ts';
import type { Stretch } from './whole-chain.ts';

/** Distance that a value one spread from its first estimate costs: what is not heard stays where it was found. */
const PRIOR = 0.002;
const DB_TO_NEPERS = Math.LN10 / 20;
/** Times the damping is raised before a turn is given up. */
const MOST_ATTEMPTS = 5;

export interface JointOptions {
  readonly isLimited: boolean;
  readonly iterations: number;
  /** Stops where a turn brings less than this share of the distance. */
  readonly tolerance?: number;
}

export interface JointFit {
  readonly modules: StyleModules;
  readonly gainDb: number;
  /** Distance of the seconds that were fitted, before and after. */
  readonly before: number;
  readonly after: number;
  readonly knobs: readonly Knob[];
  readonly values: readonly number[];
  /** Inverse curvature by knob: the square of the turn that raises the distance by a half. */
  readonly softness: readonly number[];
}

/** Change of the logarithms per unit of a knob: by frequency where it is the same at all moments, else by value. */
type Column = { readonly byCell: Float64Array } | { readonly byValue: Float32Array };

interface Point {
  readonly values: readonly number[];
  readonly turned: Turned;
  readonly passage: Passage;
  readonly spectra: Spectra;
  readonly distance: number;
}

export class JointProblem {
  readonly #binary: EngineBinary;
  readonly #sampleRate: number;
  readonly #stretches: readonly Stretch[];
  readonly #truth: SpectralTruth;

  private constructor(binary: EngineBinary, sampleRate: number, stretches: readonly Stretch[], truth: SpectralTruth) {
    this.#binary = binary;
    this.#sampleRate = sampleRate;
    this.#stretches = stretches;
    this.#truth = truth;
  }

  static async create(binary: EngineBinary, sampleRate: number, stretches: readonly Stretch[]): Promise<JointProblem> {
    const compared = stretches.map(({ reference, leadIn }): Stereo => [reference[0].subarray(leadIn), reference[1].subarray(leadIn)]);
    return new JointProblem(binary, sampleRate, stretches, new SpectralTruth(await openEngine(binary), compared, sampleRate));
  }

  #spectra(out: readonly Stereo[]): Spectra {
    return this.#truth.spectra(out.map((s, e): Stereo => [s[0].subarray(this.#stretches[e]!.leadIn), s[1].subarray(this.#stretches[e]!.leadIn)]));
  }

  /** The chain as loud as the reference (energy of what is compared): in front of the limiter. */
  #levelled(renderer: StagedRenderer, start: Turned, before: Passage | null = null, from: Stage = STAGES[0], rounds = 4): { turned: Turned; passage: Passage } {
    const energy = (rows: readonly Stereo[]) => rows.reduce((sum, s, e) => sum + s.reduce((t, c) => t + c.subarray(this.#stretches[e]!.leadIn).reduce((u, x) => u + x * x, 0), 0), 1e-20);
    const wanted = energy(this.#stretches.map((s) => s.reference));
    let now = { turned: start, passage: renderer.render(start, from, before) };
    for (let round = 0; round < rounds; round += 1) {
      const missingDb = 10 * Math.log10(wanted / energy(now.passage.out));
      if (Math.abs(missingDb) < 0.03) break;
      const next = { ...now.turned, gainDb: now.turned.gainDb + missingDb * (round === 0 ? 1 : 1.3) };
      now = { turned: next, passage: renderer.render(next, 'gain', now.passage) };
    }
    return now;
  }

  /** Distances of several settings of one chain that differ from a stage on, each at the reference's loudness. */
  async distances(style: Style, settings: readonly StyleModules[], from: Stage): Promise<number[]> {
    const first = { modules: settings[0]!, gainDb: 0 };
    const renderer = await StagedRenderer.create(this.#binary, this.#sampleRate, first, style.irs, this.#stretches.map((s) => s.target));
    let before: Passage | null = null;
    return settings.map((modules) => {
      const { passage } = this.#levelled(renderer, { modules, gainDb: 0 }, before, from, 2);
      before = passage;
      return this.#truth.distance(this.#spectra(passage.out));
    });
  }

  /**
   * Gauss and Newton on the distance's quadratic, damped (Levenberg and Marquardt), from a style's own values.
   * Cost: per turn one render of what follows each knob; equalizer bands and gains cost none.
   */
  async fit(style: Style, modules: StyleModules, { isLimited, iterations, tolerance = 0.01 }: JointOptions): Promise<JointFit> {
    const first = { modules, gainDb: 0 };
    const renderer = await StagedRenderer.create(this.#binary, this.#sampleRate, first, style.irs, this.#stretches.map((s) => s.target));
    const level = this.#levelled(renderer, first);
    const knobs = knobsOf(level.turned, isLimited);
    const clamp = (values: readonly number[]) => values.map((v, i) => Math.min(knobs[i]!.max, Math.max(knobs[i]!.min, v)));
    const at = (values: readonly number[], passage: Passage, of: Turned): Point => {
      const spectra = this.#spectra(passage.out);
      return { values, turned: of, passage, spectra, distance: this.#truth.distance(spectra) };
    };
    const starts = clamp(knobs.map((k) => k.start));
    const penalty = (values: readonly number[]) => values.reduce((sum, v, i) => sum + 0.5 * PRIOR * ((v - starts[i]!) / knobs[i]!.spread) ** 2, 0);
    const started = turned(level.turned, knobs, starts);
    let point = at(starts, renderer.render(started), started);
    const before = point.distance;
    let damping = 1e-2;
    let normal: Float64Array[] = [];
    const isHeard = knobs.map(() => true);
    const silent = new Float64Array(this.#truth.gridHz.length);
    for (let turn = 0; turn < iterations; turn += 1) {
      const { curvature, slope } = this.#truth.quadratic(point.spectra);
      const columns = knobs.map((knob, i): Column => (isHeard[i] ? this.#column(renderer, knobs, knob, i, point) : { byCell: silent }));
      normal = this.#normal(columns, curvature);
      // A knob whose whole spread is not heard is not turned again: most of a turn's cost is the renders.
      if (turn === 0) knobs.forEach((knob, i) => (isHeard[i] = normal[i]![i]! * knob.spread ** 2 > PRIOR));
      const slopes = this.#truth.pooled(slope);
      const gradient = columns.map((column, i) => (PRIOR * (point.values[i]! - starts[i]!)) / knobs[i]!.spread ** 2 + ('byCell' in column ? dot(slopes, column.byCell) : dot(slope, column.byValue)));
      normal.forEach((row, i) => (row[i]! += PRIOR / knobs[i]!.spread ** 2));
      let next: Point | null = null;
      for (let attempt = 0; attempt < MOST_ATTEMPTS && !next; attempt += 1) {
        const held = point.values.map((v, i) => (v <= knobs[i]!.min && gradient[i]! > 0) || (v >= knobs[i]!.max && gradient[i]! < 0));
        const system = normal.map((row, i) => row.map((value, j) => (held[i] || held[j] ? (i === j ? 1 : 0) : i === j ? value * (1 + damping) : value)));
        const change = solveSymmetric(system, gradient.map((g, i) => (held[i] ? 0 : -g)));
        if (change) {
          const values = clamp(point.values.map((v, i) => v + change[i]!));
          const of = turned(level.turned, knobs, values);
          const tried = at(values, renderer.render(of), of);
          if (tried.distance + penalty(values) < point.distance + penalty(point.values)) next = tried;
        }
        damping = next ? Math.max(1e-4, damping / 6) : damping * 8;
      }
      if (!next) break;
      const isDone = point.distance - next.distance < tolerance * point.distance;
      point = next;
      if (isDone) break;
    }
    const softness = knobs.map((_, i) => {
      const column = normal.length > 0 ? solveSymmetric(normal, Float64Array.from(knobs, (_k, j) => (i === j ? 1 : 0))) : null;
      return column && column[i]! > 0 ? column[i]! : Infinity;
    });
    return { modules: point.turned.modules, gainDb: point.turned.gainDb, before, after: point.distance, knobs, values: point.values, softness };
  }

  /**
   * Change of the logarithms per unit of a knob. Equalizer bands and gain move them by what they add themselves; that
   * a compressor or limiter behind them hears it as well is left to the next turn.
   */
  #column(renderer: StagedRenderer, knobs: readonly Knob[], knob: Knob, i: number, point: Point): Column {
    const signed = point.values[i]! + knob.step > knob.max ? -knob.step : knob.step;
    const moved = turned(point.turned, knobs, point.values.map((v, j) => (j === i ? v + signed : v)));
    if (knob.stage === 'eq') {
      const band = Number(knob.keys[0]!.split('.')[1]);
      const of = (t: Turned) => equalizerResponseDb([t.modules.eq.values.bands[band]!], this.#truth.gridHz, this.#sampleRate);
      const [now, then] = [of(point.turned), of(moved)];
      return { byCell: now.map((db, k) => ((then[k]! - db) * DB_TO_NEPERS) / signed) };
    }
    const { log } = this.#spectra(renderer.render(moved, knob.stage, point.passage).out);
    for (let k = 0; k < log.length; k += 1) log[k] = (log[k]! - point.spectra.log[k]!) / signed;
    return { byValue: log };
  }

  #normal(columns: readonly Column[], curvature: Float32Array): Float64Array[] {
    const weighted = new Float32Array(curvature.length);
    const weights = this.#truth.pooled(curvature);
    const normal = columns.map(() => new Float64Array(columns.length));
    columns.forEach((a, i) => {
      let pooled = weights;
      if ('byValue' in a) {
        for (let k = 0; k < weighted.length; k += 1) weighted[k] = a.byValue[k]! * curvature[k]!;
        pooled = this.#truth.pooled(weighted);
      } else pooled = weights.map((w, k) => w * a.byCell[k]!);
      columns.forEach((b, j) => {
        // Of two columns by value the later one multiplies; of two kinds the one by value, once.
        if ('byCell' in b ? 'byCell' in a && j > i : 'byCell' in a || j > i) return;
        normal[i]![j] = 'byCell' in b ? dot(pooled, b.byCell) : dot(weighted, b.byValue);
        normal[j]![i] = normal[i]![j]!;
      });
    });
    return normal;
  }
}

function dot(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  let sum = 0;
  for (let k = 0; k < b.length; k += 1) sum += a[k]! * b[k]!;
  return sum;
}
