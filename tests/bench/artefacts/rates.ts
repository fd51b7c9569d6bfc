/** Hit and false alarm rates of the artefact detector on pieces of music. */
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { type EngineBinary, openEngineAtOnce } from '../../../wasm/host/engine.ts';
import { findFaults } from '../../../wasm/rendering/faults/find-faults.ts';
import { type Fault, FAULTS, type Finding, NEEDS_CLEAN } from '../../../wasm/rendering/faults/finding.ts';
import { Draw } from '../identify/draw.ts';
import type { Stereo } from '../identify/processors.ts';
import { throughCleanChain, throughPitchShift } from './clean-chain.ts';
import { inject } from './faults.ts';
import type { Sizing } from './placing.ts';

export const ALL_FAULTS = Object.keys(FAULTS) as Fault[];
export type Judging = 'alone' | 'compared';

/** Kinds whose size can be drawn against what is masked. */
export const MASKED: ReadonlySet<Fault> = new Set(['click', 'pre-echo', 'zipper'] as const);

export interface Piece {
  readonly about: string;
  readonly channels: Stereo;
  readonly sampleRate: number;
}

export interface Hit {
  readonly kind: Fault;
  readonly judging: Judging;
  readonly sizing: Sizing;
  readonly seconds: number;
  readonly marginDb: number | null;
  readonly isFound: boolean;
}

export interface Alarms {
  readonly what: 'as it is' | 'beside its target' | 'pitch shifted';
  readonly seconds: number;
  readonly findings: readonly Finding[];
}

/** How far a finding may lie from the fault. */
const NEAR_SECONDS = 0.06;

const judged = (engine: EngineBinary, result: Stereo, clean: Stereo | null, rate: number, kinds: readonly Fault[]): Promise<Finding[]> =>
  findFaults({ engine, result: pcmFromArrays(result, rate), clean: clean && pcmFromArrays(clean, rate), kinds });

/** Faults of one kind put into a piece, alone and behind honest processing. */
export async function hitsIn(engine: EngineBinary, { channels, sampleRate }: Piece, kind: Fault, seed: number, sizing: Sizing): Promise<Hit[]> {
  const opened = openEngineAtOnce(engine);
  const hits: Hit[] = [];
  for (const judging of ['alone', 'compared'] as const) {
    if (judging === 'alone' ? NEEDS_CLEAN.has(kind) : kind === 'over') continue;
    const draw = new Draw(seed);
    const music = judging === 'alone' ? channels : throughCleanChain(opened, channels, sampleRate, draw);
    const { channels: faulty, faults } = inject(opened, kind, music, sampleRate, draw, sizing);
    if (faults.length === 0) continue;
    const findings = await judged(engine, faulty, judging === 'alone' ? null : channels, sampleRate, [kind]);
    const near = NEAR_SECONDS * sampleRate;
    for (const { from, to, marginDb } of faults) {
      const isFound = findings.some((f) => f.frame + f.frames >= from - near && f.frame <= to + near);
      hits.push({ kind, judging, sizing, seconds: from / sampleRate, marginDb, isFound });
    }
  }
  return hits;
}

/** What is found in a piece as it is, and in what honest processing makes of it. */
export async function alarmsIn(engine: EngineBinary, { channels, sampleRate }: Piece, seed: number): Promise<Alarms[]> {
  const seconds = channels[0].length / sampleRate;
  const opened = openEngineAtOnce(engine);
  const alarms: Alarms[] = [
    { what: 'as it is', seconds, findings: await judged(engine, channels, null, sampleRate, ALL_FAULTS) },
    { what: 'beside its target', seconds, findings: await judged(engine, throughCleanChain(opened, channels, sampleRate, new Draw(seed)), channels, sampleRate, ALL_FAULTS) },
  ];
  // Another pitch has nothing in common with the target, moment by moment: it is judged by itself. Slow: some pieces only.
  if (seed % 4 === 0) alarms.push({ what: 'pitch shifted', seconds, findings: await judged(engine, throughPitchShift(opened, channels, sampleRate, new Draw(seed)), null, sampleRate, ALL_FAULTS) });
  return alarms;
}
