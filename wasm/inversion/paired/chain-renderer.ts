/** Excerpts through the engine's own effects, latency taken out: what an inverter compares with the reference. */
import type { Style, StyleModules } from '../../../shared/style.ts';
import { type Chain, type ChainStep, type Engine, type EngineBinary, openEngine } from '../../host/engine.ts';
import type { Assets } from '../../host/assets.ts';
import type { Excerpt, Stereo } from './excerpts.ts';

/**
 * One row of effects that is run again and again with other values.
 * The engine never gives memory back, so that a renderer keeps its chain and is dropped with its engine.
 */
export class ChainRenderer {
  readonly #chain: Chain;
  readonly #isIdle: boolean;
  /** Made once: rows of this length are dear to make. */
  #rows: [Float32Array, Float32Array] = [new Float32Array(0), new Float32Array(0)];

  constructor(engine: Engine, sampleRate: number, steps: readonly ChainStep[], assets: Assets = {}) {
    this.#isIdle = steps.length === 0;
    this.#chain = engine.createChain(sampleRate, steps, assets);
  }

  /**
   * @param input not changed; may be what another renderer answered
   * @returns as long as the input, from the same moment on; overwritten by the next call
   */
  render(input: Stereo, values: Readonly<Record<number, object>> = {}): Stereo {
    for (const [index, of] of Object.entries(values)) this.#chain.setValues(Number(index), of);
    this.#chain.reset();
    const latency = this.#chain.latencyFrames;
    const frames = input[0].length;
    if (this.#rows[0].length !== frames + latency) this.#rows = [new Float32Array(frames + latency), new Float32Array(frames + latency)];
    const [left, right] = this.#rows;
    this.#rows.forEach((row, c) => row.fill(0, frames).set(input[c]!));
    if (!this.#isIdle) this.#chain.process(left, right);
    return [left.subarray(latency, latency + frames), right.subarray(latency, latency + frames)];
  }
}

export type StageName = 'pitch' | 'eq' | 'matchFir' | 'dynamics' | 'exciter' | 'stereo' | 'reverb';

/** The chain's steps for the enabled modules among `names`, in the chain's order. */
export function stepsOf(modules: StyleModules, names: readonly StageName[]): ChainStep[] {
  const steps: ChainStep[] = [];
  const has = (name: StageName) => names.includes(name) && modules[name].enabled;
  if (has('pitch')) steps.push({ effect: 'pitch-shift', values: modules.pitch.values });
  if (has('eq')) steps.push({ effect: 'equalizer', values: modules.eq.values });
  if (has('matchFir')) steps.push({ effect: 'match-fir', values: modules.matchFir.values });
  if (has('dynamics')) steps.push({ effect: 'compressor', values: modules.dynamics.values });
  if (has('exciter')) steps.push({ effect: 'exciter', values: modules.exciter.values });
  if (has('stereo')) steps.push({ effect: 'stereo-width', values: modules.stereo.values });
  if (has('reverb')) steps.push({ effect: 'reverb', values: modules.reverb.values });
  return steps;
}

/** Everything an inverter turns again and again; a pitch shift is rendered once, before. */
export const BODY_STAGES = ['eq', 'matchFir', 'dynamics', 'exciter', 'stereo', 'reverb'] as const;

/** Excerpts through a style's stages, each excerpt from silence. */
export async function renderStages(binary: EngineBinary, sampleRate: number, style: Style, names: readonly StageName[], inputs: readonly Stereo[]): Promise<Stereo[]> {
  const steps = stepsOf(style.modules, names);
  if (steps.length === 0) return inputs.map(([l, r]) => [l.slice(), r.slice()] as const);
  const renderer = new ChainRenderer(await openEngine(binary), sampleRate, steps, style.irs);
  return inputs.map((input) => {
    const [left, right] = renderer.render(input);
    return [left.slice(), right.slice()] as const;
  });
}

export const targetsOf = (excerpts: readonly Excerpt[]): Stereo[] => excerpts.map((e) => e.target);
