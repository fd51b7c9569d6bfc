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

/** The stages that are at work in a chain. */
export const runningStages = (of: Turned): Stage[] => STAGES.filter((stage) => runs(of, stage));

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
    for (const stage of runningStages(of)) renderers.set(stage, new ChainRenderer(engine, sampleRate, [{ effect: EFFECTS[stage], values: valuesOf(of, stage) } as ChainStep], irs));
    return new StagedRenderer(renderers, inputs);
  }

  /** @param from the first stage whose values differ from those of `before` */
  render(values: Turned, from: Stage = STAGES[0], before: Passage | null = null): Passage {
    const entering = new Map<Stage, readonly Stereo[]>();
    let signals = this.#entering(from, before);
    for (const [stage, renderer] of this.#renderers) {
      if (before && isBefore(stage, from)) {
        entering.set(stage, before.entering.get(stage)!);
        continue;
      }
      entering.set(stage, signals);
      signals = signals.map((signal) => kept(renderer.render(signal, { 0: valuesOf(values, stage) })));
    }
    return { entering, out: signals };
  }

  /** As `render`, of which only what leaves the last stage is wanted. */
  output(values: Turned, from: Stage, before: Passage): Stereo[] {
    const stages = [...this.#renderers].filter(([stage]) => !isBefore(stage, from));
    return this.#entering(from, before).map((entering) => {
      let signal = entering;
      for (const [stage, renderer] of stages) signal = renderer.render(signal, { 0: valuesOf(values, stage) });
      return kept(signal);
    });
  }

  #entering(from: Stage, before: Passage | null): readonly Stereo[] {
    const first = [...this.#renderers.keys()].find((stage) => !isBefore(stage, from));
    return (first && before?.entering.get(first)) ?? this.#inputs;
  }
}

const isBefore = (stage: Stage, from: Stage): boolean => STAGES.indexOf(stage) < STAGES.indexOf(from);
const kept = ([left, right]: Stereo): Stereo => [left.slice(), right.slice()];
