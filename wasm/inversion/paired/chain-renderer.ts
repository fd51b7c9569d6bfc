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
  readonly #steps: ChainStep[];

  constructor(engine: Engine, sampleRate: number, steps: readonly ChainStep[], assets: Assets = {}) {
    this.#steps = [...steps];
    this.#chain = engine.createChain(sampleRate, steps, assets);
  }

  /** @param input not changed; the answer is as long and starts at the same moment */
  render(input: Stereo, values: Readonly<Record<number, object>> = {}): Stereo {
    for (const [index, of] of Object.entries(values)) this.#chain.setValues(Number(index), of);
    this.#chain.reset();
    const latency = this.#chain.latencyFrames;
    const frames = input[0].length;
    const [left, right] = input.map((channel) => {
      const padded = new Float32Array(frames + latency);
      padded.set(channel);
      return padded;
    }) as [Float32Array, Float32Array];
    if (this.#steps.length > 0) this.#chain.process(left, right);
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
