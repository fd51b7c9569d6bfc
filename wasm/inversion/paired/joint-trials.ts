/** A chain on the moments of a pair that are compared: run with other values again and again, and how far each run is. */
import { equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import type { Style, StyleModules } from '../../../shared/style.ts';
import { type EngineBinary, openEngine } from '../../host/engine.ts';
import type { Stereo } from './excerpts.ts';
import { type Knob, type Stage, STAGES, turned, type Turned } from './knobs.ts';
import { type Spectra, SpectralTruth } from './spectral-truth.ts';
import { type Passage, runningStages, StagedRenderer } from './staged-renderer.ts';
import type { Stretch } from './whole-chain.ts';

const DB_TO_NEPERS = Math.LN10 / 20;

/** What a joint fit works on. */
export interface JointPair {
  /** No other pair of this program has it. */
  readonly id: number;
  readonly sampleRate: number;
  readonly stretches: readonly Stretch[];
}

/** Change of the logarithms per unit of a knob: by frequency where it is the same at all moments, else by value. */
export type Column = { readonly byCell: Float64Array } | { readonly byValue: Float32Array };

/** Where a fit stands. */
export interface Place {
  readonly turned: Turned;
  readonly knobs: readonly Knob[];
  readonly values: readonly number[];
}

export interface Run {
  readonly passage: Passage;
  readonly spectra: Spectra;
}

export class JointTrials {
  readonly pair: JointPair;
  readonly truth: SpectralTruth;
  readonly #binary: EngineBinary;
  readonly #renderers = new Map<string, Promise<StagedRenderer>>();

  private constructor(binary: EngineBinary, pair: JointPair, truth: SpectralTruth) {
    this.#binary = binary;
    this.pair = pair;
    this.truth = truth;
  }

  static async create(binary: EngineBinary, pair: JointPair): Promise<JointTrials> {
    const compared = pair.stretches.map(({ reference, leadIn }): Stereo => [reference[0].subarray(leadIn), reference[1].subarray(leadIn)]);
    return new JointTrials(binary, pair, new SpectralTruth(await openEngine(binary), compared, pair.sampleRate));
  }

  /** Runs the chain that has the stages of `of`; made once for every choice of stages. */
  renderer(of: Turned, irs: Style['irs']): Promise<StagedRenderer> {
    const { reverb, matchFir, dynamics } = of.modules;
    const name = JSON.stringify([runningStages(of), reverb.values.irKey, matchFir.values.irKey, dynamics.values.bands.length]);
    const known = this.#renderers.get(name) ?? StagedRenderer.create(this.#binary, this.pair.sampleRate, of, irs, this.pair.stretches.map((s) => s.target));
    this.#renderers.set(name, known);
    return known;
  }

  spectra(out: readonly Stereo[]): Spectra {
    return this.truth.spectra(out.map((s, e): Stereo => [s[0].subarray(this.pair.stretches[e]!.leadIn), s[1].subarray(this.pair.stretches[e]!.leadIn)]));
  }

  #energy(rows: readonly Stereo[]): number {
    let sum = 1e-20;
    rows.forEach((stereo, e) => {
      for (const row of stereo) for (let i = this.pair.stretches[e]!.leadIn; i < row.length; i += 1) sum += row[i]! * row[i]!;
    });
    return sum;
  }

  /** The chain as loud as the reference (energy of what is compared): in front of the limiter. */
  levelled(renderer: StagedRenderer, start: Turned, before: Passage | null = null, from: Stage = STAGES[0], rounds = 4): { turned: Turned; passage: Passage } {
    const wanted = this.#energy(this.pair.stretches.map((s) => s.reference));
    let now = { turned: start, passage: renderer.render(start, from, before) };
    for (let round = 0; round < rounds; round += 1) {
      const missingDb = 10 * Math.log10(wanted / this.#energy(now.passage.out));
      if (Math.abs(missingDb) < 0.03) break;
      const next = { ...now.turned, gainDb: now.turned.gainDb + missingDb * (round === 0 ? 1 : 1.3) };
      now = { turned: next, passage: renderer.render(next, 'gain', now.passage) };
    }
    return now;
  }

  /** Distances of several settings of one chain that differ from a stage on, each at the reference's loudness. */
  async distances(irs: Style['irs'], settings: readonly StyleModules[], from: Stage): Promise<number[]> {
    if (settings.length === 0) return [];
    const renderer = await this.renderer({ modules: settings[0]!, gainDb: 0 }, irs);
    let before: Passage | null = null;
    return settings.map((modules) => {
      const { passage } = this.levelled(renderer, { modules, gainDb: 0 }, before, from, 2);
      before = passage;
      return this.truth.distance(this.spectra(passage.out));
    });
  }

  /**
   * Change of the logarithms per unit of each of some knobs (difference quotients).
   * @param which indices of knobs behind the equalizer
   * @param run the chain as it stands, where it is known already
   */
  async columns({ turned: at, knobs, values }: Place, irs: Style['irs'], which: readonly number[], run: Run | null = null): Promise<Float32Array[]> {
    const renderer = await this.renderer(at, irs);
    const passage = run?.passage ?? renderer.render(at);
    const { log } = run?.spectra ?? this.spectra(passage.out);
    return which.map((i) => {
      const knob = knobs[i]!;
      const [signed, moved] = step(at, knobs, values, i);
      const column = this.spectra(renderer.output(moved, knob.stage, passage)).log;
      for (let k = 0; k < log.length; k += 1) column[k] = (column[k]! - log[k]!) / signed;
      return column;
    });
  }

  /**
   * Equalizer bands move the logarithms by what they add themselves; that a compressor or limiter behind them hears it
   * as well is left to the next turn.
   */
  bandColumn({ turned: at, knobs, values }: Place, i: number): Column {
    const [signed, moved] = step(at, knobs, values, i);
    const band = Number(knobs[i]!.keys[0]!.split('.')[1]);
    const of = (t: Turned) => equalizerResponseDb([t.modules.eq.values.bands[band]!], this.truth.gridHz, this.pair.sampleRate);
    const [now, then] = [of(at), of(moved)];
    return { byCell: now.map((db, k) => ((then[k]! - db) * DB_TO_NEPERS) / signed) };
  }
}

/** A knob's step, to the side where there is room, and the chain with it. */
function step(at: Turned, knobs: readonly Knob[], values: readonly number[], i: number): [signed: number, moved: Turned] {
  const knob = knobs[i]!;
  const signed = values[i]! + knob.step > knob.max ? -knob.step : knob.step;
  return [signed, turned(at, knobs, values.map((v, j) => (j === i ? v + signed : v)))];
}
