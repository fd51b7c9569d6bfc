/** The whole chain on a few seconds of a pair, as loud as the reference, and how far from it that sounds. */
import type { LimiterValues } from '../../../shared/params/limiter.ts';
import type { Style, StyleModules } from '../../../shared/style.ts';
import { type EngineBinary, openEngine } from '../../host/engine.ts';
import { BODY_STAGES, ChainRenderer, renderStages, type StageName } from './chain-renderer.ts';
import { SpectralDistance } from './distance.ts';
import type { Stereo } from './excerpts.ts';

/** Seconds that are compared. */
const COMPARED_SECONDS = 3.5;
/** The chain settles before what is compared. */
const LEAD_IN_SECONDS = 0.75;

/** The quieter moment is at most 12 dB under the loudest: both are heard. */
const QUIETEST = 10 ** -1.2;

function energyOf(rows: readonly Float32Array[], from: number): number {
  let sum = 1e-20;
  for (const row of rows) for (let i = from; i < row.length; i += 1) sum += row[i]! * row[i]!;
  return sum;
}

export interface Stretch {
  readonly target: Stereo;
  readonly reference: Stereo;
  /** Frames at the start that are rendered and not compared. */
  readonly leadIn: number;
}

/** The loudest seconds of a pair. */
export function loudestStretch(targets: readonly Stereo[], references: readonly Stereo[], sampleRate: number): Stretch {
  const length = Math.round((COMPARED_SECONDS + LEAD_IN_SECONDS) * sampleRate);
  let best = { energy: -1, e: 0, from: 0 };
  references.forEach((reference, e) => {
    const last = Math.max(0, reference[0].length - length);
    for (let from = 0; from <= last; from += sampleRate) {
      const energy = energyOf(reference.map((c) => c.subarray(from, from + length)), 0);
      if (energy > best.energy) best = { energy, e, from };
    }
  });
  const cut = (s: Stereo): Stereo => [s[0].subarray(best.from, best.from + length), s[1].subarray(best.from, best.from + length)];
  const target = cut(targets[best.e]!);
  return { target, reference: cut(references[best.e]!), leadIn: target[0].length > 3 * LEAD_IN_SECONDS * sampleRate ? Math.round(LEAD_IN_SECONDS * sampleRate) : 0 };
}

/** Seconds of each of the two moments that are fitted. */
const FITTED_SECONDS = 2;

/** Moments of a length, half a second apart, and the energy of what is compared of each. */
function momentsOf(references: readonly Stereo[], leadIn: number, length: number, sampleRate: number): { e: number; from: number; energy: number }[] {
  const moments: { e: number; from: number; energy: number }[] = [];
  references.forEach((reference, e) => {
    for (let from = 0; from + length <= reference[0].length; from += Math.round(sampleRate / 2)) moments.push({ e, from, energy: energyOf(reference.map((c) => c.subarray(from + leadIn, from + length)), 0) });
  });
  return moments;
}

/** Two moments of different level: a value that is right at one only is not right. */
export function fittedStretches(targets: readonly Stereo[], references: readonly Stereo[], sampleRate: number): Stretch[] {
  const leadIn = Math.round(LEAD_IN_SECONDS * sampleRate);
  const length = leadIn + Math.round(FITTED_SECONDS * sampleRate);
  const moments = momentsOf(references, leadIn, length, sampleRate);
  const loudest = moments.reduce<(typeof moments)[number] | null>((a, b) => (a && a.energy >= b.energy ? a : b), null);
  if (!loudest) return [loudestStretch(targets, references, sampleRate)];
  const apart = moments.filter((m) => (m.e !== loudest.e || Math.abs(m.from - loudest.from) >= length) && m.energy > loudest.energy * QUIETEST);
  const quietest = apart.reduce<(typeof moments)[number] | null>((a, b) => (a && a.energy <= b.energy ? a : b), null);
  const cut = (s: Stereo, from: number): Stereo => [s[0].subarray(from, from + length), s[1].subarray(from, from + length)];
  return [loudest, ...(quietest ? [quietest] : [])].map(({ e, from }) => ({ target: cut(targets[e]!, from), reference: cut(references[e]!, from), leadIn }));
}

/** The moment of a middling level that lies apart from the loudest seconds: what nothing was fitted to, as a rule. */
function middlingStretch(targets: readonly Stereo[], references: readonly Stereo[], sampleRate: number): Stretch | null {
  const leadIn = Math.round(LEAD_IN_SECONDS * sampleRate);
  const length = leadIn + Math.round(FITTED_SECONDS * sampleRate);
  const moments = momentsOf(references, leadIn, length, sampleRate).sort((a, b) => a.energy - b.energy);
  const middle = moments[moments.length >> 1];
  if (!middle) return null;
  const cut = (rows: Stereo): Stereo => [rows[0].subarray(middle.from, middle.from + length), rows[1].subarray(middle.from, middle.from + length)];
  return { target: cut(targets[middle.e]!), reference: cut(references[middle.e]!), leadIn };
}

/** What the last word is spoken on: the loudest seconds, and others. */
export function judgedStretches(targets: readonly Stereo[], references: readonly Stereo[], sampleRate: number): Stretch[] {
  const middling = middlingStretch(targets, references, sampleRate);
  return [loudestStretch(targets, references, sampleRate), ...(middling ? [middling] : [])];
}

export class WholeChain {
  readonly #binary: EngineBinary;
  readonly #sampleRate: number;
  readonly #stretches: readonly Stretch[];
  readonly #limiting: ChainRenderer;
  readonly #distances: readonly SpectralDistance[];
  readonly #energy: number;

  private constructor(binary: EngineBinary, sampleRate: number, stretches: readonly Stretch[], limiting: ChainRenderer, distances: readonly SpectralDistance[]) {
    this.#binary = binary;
    this.#sampleRate = sampleRate;
    this.#stretches = stretches;
    this.#limiting = limiting;
    this.#distances = distances;
    this.#energy = this.#energyOf(stretches.map((s) => s.reference));
  }

  static async create(binary: EngineBinary, sampleRate: number, stretches: readonly Stretch[]): Promise<WholeChain> {
    const engine = await openEngine(binary);
    const limiting = new ChainRenderer(engine, sampleRate, [
      { effect: 'gain', values: { gainDb: 0 } },
      { effect: 'limiter', values: { tpDb: -1, lookaheadMs: 3, releaseMs: 120 } },
    ]);
    return new WholeChain(binary, sampleRate, stretches, limiting, stretches.map(({ reference, leadIn }) => new SpectralDistance(engine, [reference[0].subarray(leadIn), reference[1].subarray(leadIn)])));
  }

  #energyOf(rows: readonly Stereo[]): number {
    return rows.reduce((sum, row, e) => sum + energyOf(row, this.#stretches[e]!.leadIn), 0);
  }

  /** Mean over the stretches, by their length. @param factor that makes the rows as loud as the reference */
  #mean(rows: readonly Stereo[], factor: number): number {
    let [sum, frames] = [0, 0];
    rows.forEach((row, e) => {
      const { leadIn } = this.#stretches[e]!;
      const [left, right] = row.map((channel) => channel.subarray(leadIn).map((x) => factor * x)) as [Float32Array, Float32Array];
      sum += this.#distances[e]!.of([left, right]) * left.length;
      frames += left.length;
    });
    return sum / frames;
  }

  /** Distance of the target as it is, as loud as the reference, peaks wherever they come. */
  untouched(): number {
    const rows = this.#stretches.map((s) => s.target);
    return this.#mean(rows, Math.sqrt(this.#energy / this.#energyOf(rows)));
  }

  /** The stretches through some of a style's stages. */
  body(style: Style, stages: readonly StageName[] = BODY_STAGES): Promise<Stereo[]> {
    return renderStages(this.#binary, this.#sampleRate, style, stages, this.#stretches.map((s) => s.target));
  }

  /**
   * Distance of a body behind gain and limiter, the gain such that the energy is the reference's.
   * @param quieterDb less than that leaves the limiter
   * What the ceiling keeps back is made up for before the distance is taken: it is the limiter's work that counts.
   */
  distanceOf(body: readonly Stereo[], limiter: LimiterValues, quieterDb = 0): number {
    const wanted = this.#energy * 10 ** (-quieterDb / 10);
    let gainDb = 10 * Math.log10(wanted / this.#energyOf(body));
    for (let round = 0; ; round += 1) {
      const out = body.map((row): Stereo => {
        const [left, right] = this.#limiting.render(row, { 0: { gainDb }, 1: limiter });
        return [left.slice(), right.slice()];
      });
      const missingDb = 10 * Math.log10(wanted / this.#energyOf(out));
      if (Math.abs(missingDb) < 0.02 || round === 3) return this.#mean(out, Math.sqrt(this.#energy / this.#energyOf(out)));
      gainDb += missingDb * (round === 0 ? 1 : 1.3);
    }
  }

  async distance(style: Style, changes: Partial<StyleModules> = {}, quieterDb = 0): Promise<number> {
    const changed: Style = { ...style, modules: { ...style.modules, ...changes } };
    return this.distanceOf(await this.body(changed), changed.modules.limiter.values, quieterDb);
  }
}
