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

const meanSquare = (rows: readonly Float32Array[], from: number): number =>
  rows.reduce((sum, row) => sum + row.subarray(from).reduce((s, x) => s + x * x, 0), 1e-20);

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
      const energy = meanSquare(reference.map((c) => c.subarray(from, from + length)), 0);
      if (energy > best.energy) best = { energy, e, from };
    }
  });
  const cut = (s: Stereo): Stereo => [s[0].subarray(best.from, best.from + length), s[1].subarray(best.from, best.from + length)];
  const target = cut(targets[best.e]!);
  return { target, reference: cut(references[best.e]!), leadIn: target[0].length > 3 * LEAD_IN_SECONDS * sampleRate ? Math.round(LEAD_IN_SECONDS * sampleRate) : 0 };
}

/** Seconds of each of the two moments that are fitted. */
const FITTED_SECONDS = 2;

/** Two moments of different level: a value that is right at one only is not right. */
export function fittedStretches(targets: readonly Stereo[], references: readonly Stereo[], sampleRate: number): Stretch[] {
  const leadIn = Math.round(LEAD_IN_SECONDS * sampleRate);
  const length = leadIn + Math.round(FITTED_SECONDS * sampleRate);
  const moments: { e: number; from: number; energy: number }[] = [];
  references.forEach((reference, e) => {
    for (let from = 0; from + length <= reference[0].length; from += Math.round(sampleRate / 2)) moments.push({ e, from, energy: meanSquare(reference.map((c) => c.subarray(from + leadIn, from + length)), 0) });
  });
  const loudest = moments.reduce<(typeof moments)[number] | null>((a, b) => (a && a.energy >= b.energy ? a : b), null);
  if (!loudest) return [loudestStretch(targets, references, sampleRate)];
  const apart = moments.filter((m) => (m.e !== loudest.e || Math.abs(m.from - loudest.from) >= length) && m.energy > loudest.energy * QUIETEST);
  const quietest = apart.reduce<(typeof moments)[number] | null>((a, b) => (a && a.energy <= b.energy ? a : b), null);
  const cut = (s: Stereo, from: number): Stereo => [s[0].subarray(from, from + length), s[1].subarray(from, from + length)];
  return [loudest, ...(quietest ? [quietest] : [])].map(({ e, from }) => ({ target: cut(targets[e]!, from), reference: cut(references[e]!, from), leadIn }));
}

export class WholeChain {
  readonly #binary: EngineBinary;
  readonly #sampleRate: number;
  readonly #stretch: Stretch;
  readonly #limiting: ChainRenderer;
  readonly #distance: SpectralDistance;
  readonly #energy: number;

  private constructor(binary: EngineBinary, sampleRate: number, stretch: Stretch, limiting: ChainRenderer, distance: SpectralDistance) {
    this.#binary = binary;
    this.#sampleRate = sampleRate;
    this.#stretch = stretch;
    this.#limiting = limiting;
    this.#distance = distance;
    this.#energy = meanSquare(stretch.reference, stretch.leadIn);
  }

  static async create(binary: EngineBinary, sampleRate: number, stretch: Stretch): Promise<WholeChain> {
    const engine = await openEngine(binary);
    const limiting = new ChainRenderer(engine, sampleRate, [
      { effect: 'gain', values: { gainDb: 0 } },
      { effect: 'limiter', values: { tpDb: -1, lookaheadMs: 3, releaseMs: 120 } },
    ]);
    const compared = (s: Stereo): Stereo => [s[0].subarray(stretch.leadIn), s[1].subarray(stretch.leadIn)];
    return new WholeChain(binary, sampleRate, stretch, limiting, new SpectralDistance(engine, compared(stretch.reference)));
  }

  /** The stretch through some of a style's stages. */
  async body(style: Style, stages: readonly StageName[] = BODY_STAGES): Promise<Stereo> {
    const [rendered] = await renderStages(this.#binary, this.#sampleRate, style, stages, [this.#stretch.target]);
    return rendered!;
  }

  /** Distance of a body behind gain and limiter, the gain such that the energy is the reference's. */
  distanceOf(body: Stereo, limiter: LimiterValues): number {
    const { leadIn } = this.#stretch;
    let gainDb = 10 * Math.log10(this.#energy / meanSquare(body, leadIn));
    for (let round = 0; ; round += 1) {
      const out = this.#limiting.render(body, { 0: { gainDb }, 1: limiter });
      const missingDb = 10 * Math.log10(this.#energy / meanSquare(out, leadIn));
      if (Math.abs(missingDb) < 0.02 || round === 3) return this.#distance.of([out[0].subarray(leadIn), out[1].subarray(leadIn)]);
      gainDb += missingDb * (round === 0 ? 1 : 1.3);
    }
  }

  async distance(style: Style, changes: Partial<StyleModules> = {}): Promise<number> {
    const changed: Style = { ...style, modules: { ...style.modules, ...changes } };
    return this.distanceOf(await this.body(changed), changed.modules.limiter.values);
  }
}
