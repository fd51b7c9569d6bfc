/**
 * All values of a chain turned together, at the end: what each step found alone carries what the others had not yet
 * found.
 */
import type { Style, StyleModules } from '../../../shared/style.ts';
import type { EngineBinary } from '../../host/engine.ts';
import { solveSymmetric } from '../least-squares.ts';
import { type Column, JointTrials, type JointPair, type Place, type Run } from './joint-trials.ts';
import { type Knob, knobsOf, type Stage, turned } from './knobs.ts';
import { inTurns, newTrialId, shared, type TrialPool } from './trial-pool.ts';
import type { Stretch } from './whole-chain.ts';

/** Distance that a value one spread from its first estimate costs: what is not heard stays where it was found. */
const PRIOR = 0.002;
/** Times the damping is raised before a turn is given up. */
const MOST_ATTEMPTS = 5;

export interface JointOptions {
  readonly isLimited: boolean;
  readonly iterations: number;
  /** Stops where a turn brings less than this share of the distance. */
  readonly tolerance?: number;
  /** Stops where the turns that are left, were each as good as the last, would not come under this distance. */
  readonly toBeat?: number;
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

interface Point extends Place, Run {
  readonly distance: number;
}

export class JointProblem {
  readonly #trials: JointTrials;
  readonly #pool: TrialPool | null;

  private constructor(trials: JointTrials, pool: TrialPool | null) {
    this.#trials = trials;
    this.#pool = pool;
  }

  /** @param pool who runs the trials; none: this thread. The numbers are the same. */
  static async create(binary: EngineBinary, sampleRate: number, stretches: readonly Stretch[], pool: TrialPool | null = null): Promise<JointProblem> {
    const pair: JointPair = { id: newTrialId(), sampleRate, stretches: pool ? stretches.map((s) => ({ ...s, target: shared(s.target), reference: shared(s.reference) })) : stretches };
    return new JointProblem(await JointTrials.create(binary, pair), pool);
  }

  /** Distances of several settings of one chain that differ from a stage on, each at the reference's loudness. */
  async distances({ irs }: Style, settings: readonly StyleModules[], from: Stage): Promise<number[]> {
    const pool = this.#pool;
    if (!pool) return this.#trials.distances(irs, settings, from);
    return inTurns(settings, pool.size, (some) => pool.run({ kind: 'distances', pair: this.#trials.pair, irs, settings: some, from }));
  }

  /**
   * Gauss and Newton on the distance's quadratic, damped (Levenberg and Marquardt), from a style's own values.
   * Cost: per turn one render of what follows each knob; equalizer bands and gains cost none.
   */
  async fit(style: Style, modules: StyleModules, { isLimited, iterations, tolerance = 0.01, toBeat = Infinity }: JointOptions): Promise<JointFit> {
    const first = { modules, gainDb: 0 };
    const trials = this.#trials;
    const { truth } = trials;
    const renderer = await trials.renderer(first, style.irs);
    const level = trials.levelled(renderer, first);
    const knobs = knobsOf(level.turned, isLimited);
    const clamp = (values: readonly number[]) => values.map((v, i) => Math.min(knobs[i]!.max, Math.max(knobs[i]!.min, v)));
    const at = (values: readonly number[]): Point => {
      const of = turned(level.turned, knobs, values);
      const passage = renderer.render(of);
      const spectra = trials.spectra(passage.out);
      return { values, knobs, turned: of, passage, spectra, distance: truth.distance(spectra) };
    };
    const starts = clamp(knobs.map((k) => k.start));
    const penalty = (values: readonly number[]) => values.reduce((sum, v, i) => sum + 0.5 * PRIOR * ((v - starts[i]!) / knobs[i]!.spread) ** 2, 0);
    let point = at(starts);
    const before = point.distance;
    let damping = 1e-2;
    let normal: Float64Array[] = [];
    const isHeard = knobs.map(() => true);
    const silent = new Float64Array(truth.gridHz.length);
    for (let turn = 0; turn < iterations; turn += 1) {
      const { curvature, slope } = truth.quadratic(point.spectra);
      const columns = await this.#columns(style.irs, point, isHeard, { byCell: silent });
      normal = this.#normal(columns, curvature);
      // A knob whose whole spread is not heard is not turned again: most of a turn's cost is the renders.
      if (turn === 0) knobs.forEach((knob, i) => (isHeard[i] = normal[i]![i]! * knob.spread ** 2 > PRIOR));
      const slopes = truth.pooled(slope);
      const gradient = columns.map((column, i) => (PRIOR * (point.values[i]! - starts[i]!)) / knobs[i]!.spread ** 2 + ('byCell' in column ? dot(slopes, column.byCell) : dot(slope, column.byValue)));
      normal.forEach((row, i) => (row[i]! += PRIOR / knobs[i]!.spread ** 2));
      let next: Point | null = null;
      for (let attempt = 0; attempt < MOST_ATTEMPTS && !next; attempt += 1) {
        const held = point.values.map((v, i) => (v <= knobs[i]!.min && gradient[i]! > 0) || (v >= knobs[i]!.max && gradient[i]! < 0));
        const system = normal.map((row, i) => row.map((value, j) => (held[i] || held[j] ? (i === j ? 1 : 0) : i === j ? value * (1 + damping) : value)));
        const change = solveSymmetric(system, gradient.map((g, i) => (held[i] ? 0 : -g)));
        if (change) {
          const values = clamp(point.values.map((v, i) => v + change[i]!));
          const tried = at(values);
          if (tried.distance + penalty(values) < point.distance + penalty(point.values)) next = tried;
        }
        damping = next ? Math.max(1e-4, damping / 6) : damping * 8;
      }
      if (!next) break;
      const isDone = point.distance - next.distance < tolerance * point.distance;
      const hopedFor = next.distance * (next.distance / point.distance) ** (iterations - 1 - turn);
      point = next;
      if (isDone || hopedFor > toBeat) break;
    }
    const softness = knobs.map((_, i) => {
      const column = normal.length > 0 ? solveSymmetric(normal, Float64Array.from(knobs, (_k, j) => (i === j ? 1 : 0))) : null;
      return column && column[i]! > 0 ? column[i]! : Infinity;
    });
    return { modules: point.turned.modules, gainDb: point.turned.gainDb, before, after: point.distance, knobs, values: point.values, softness };
  }

  async #columns(irs: Style['irs'], point: Point, isHeard: readonly boolean[], silent: Column): Promise<Column[]> {
    const { knobs, values } = point;
    const place: Place = { turned: point.turned, knobs, values };
    const rendered = knobs.flatMap((knob, i) => (isHeard[i] && knob.stage !== 'eq' ? [i] : []));
    const pool = this.#pool;
    const rows = pool ? await inTurns(rendered, pool.size, (which) => pool.run({ kind: 'columns', pair: this.#trials.pair, irs, place, which })) : await this.#trials.columns(place, irs, rendered, point);
    return knobs.map((knob, i): Column => {
      if (!isHeard[i]) return silent;
      return knob.stage === 'eq' ? this.#trials.bandColumn(place, i) : { byValue: rows[rendered.indexOf(i)]! };
    });
  }

  #normal(columns: readonly Column[], curvature: Float32Array): Float64Array[] {
    const { truth } = this.#trials;
    const normal = columns.map(() => new Float64Array(columns.length));
    const set = (i: number, j: number, value: number) => (normal[i]![j] = normal[j]![i] = value);
    const places = columns.flatMap((column, i) => ('byValue' in column ? [i] : []));
    const rows = columns.flatMap((column) => ('byValue' in column ? [column.byValue] : []));
    truth.gram(rows, curvature).forEach((row, a) => row.forEach((value, b) => set(places[a]!, places[b]!, value)));
    if (rows.length === columns.length) return normal;
    // Where one of two is the same at all moments, the other counts by its sums over them.
    const sums = columns.map((column) => ('byCell' in column ? null : truth.pooled(column.byValue, curvature)));
    const weights = truth.pooled(curvature);
    columns.forEach((a, i) => {
      if (!('byCell' in a)) return;
      const own = weights.map((w, k) => w * a.byCell[k]!);
      columns.forEach((b, j) => {
        if ('byValue' in b) set(i, j, dot(sums[j]!, a.byCell));
        else if (j <= i) set(i, j, dot(own, b.byCell));
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
