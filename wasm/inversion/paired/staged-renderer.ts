/** A chain that remembers what enters each of its stages: where one value changed, only what follows it is run. */
import type { EffectName } from '../../../shared/params/catalogue.ts';
import type { Style } from '../../../shared/style.ts';
import { type ChainStep, type EngineBinary, openEngine } from '../../host/engine.ts';
import { ChainRenderer } from './chain-renderer.ts';
import type { Stereo } from './excerpts.ts';
import { type Stage, STAGES, type Turned } from './knobs.ts';

const EFFECTS: Record<Stage, EffectName> = { eq: 'equalizer', matchFir: 'match-fir', dynamics: 'compressor', exciter: 'exciter', stereo: 'stereo-width', reverb: 'reverb', gain: 'gain', limiter: 'limiter' };

const valuesOf = ({ modules, gainDb }: Turned, stage: Stage): object => (stage === 'gain' ? { gainDb } : modules[stage].values);
const runs = ({ modules }: Turned, stage: Stage): boolean => stage === 'gain' || stage === 'limiter' || modules[stage].enabled;

/** What entered each stage, by stage, and what left the last one. */
export interface Passage {
  readonly entering: ReadonlyMap<Stage, readonly Stereo[]>;
  readonly out: readonly Stereo[];
}

export class StagedRenderer {
  readonly #renderers: ReadonlyMap<Stage, ChainRenderer>;
  readonly #inputs: readonly Stereo[];

  private constructor(renderers: ReadonlyMap<Stage, ChainRenderer>, inputs: readonly Stereo[]) {
    this.#renderers = renderers;
    this.#inputs = inputs;
  }

  /** @param of stages that are off here stay off */
  static async create(binary: EngineBinary, sampleRate: number, of: Turned, irs: Style['irs'], inputs: readonly Stereo[]): Promise<StagedRenderer> {
    const engine = await openEngine(binary);
    const renderers = new Map<Stage, ChainRenderer>();
    for (const stage of STAGES) if (runs(of, stage)) renderers.set(stage, new ChainRenderer(engine, sampleRate, [{ effect: EFFECTS[stage], values: valuesOf(of, stage) } as ChainStep], irs));
    return new StagedRenderer(renderers, inputs);
  }

  /** @param from the first stage whose values differ from those of `before` */
  render(values: Turned, from: Stage = STAGES[0], before: Passage | null = null): Passage {
    const first = STAGES.indexOf(from);
    let signals = (before && [...this.#renderers.keys()].filter((s) => STAGES.indexOf(s) >= first).map((s) => before.entering.get(s))[0]) ?? this.#inputs;
    const entering = new Map<Stage, readonly Stereo[]>();
    for (const [stage, renderer] of this.#renderers) {
      if (before && STAGES.indexOf(stage) < first) {
        entering.set(stage, before.entering.get(stage)!);
        continue;
      }
      entering.set(stage, signals);
      signals = signals.map((signal) => {
        const [left, right] = renderer.render(signal, { 0: valuesOf(values, stage) });
        return [left.slice(), right.slice()] as const;
      });
    }
    return { entering, out: signals };
  }
}
