/** Hit and false alarm rates of the artefact detector on pieces of music. */
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { type EngineBinary, openEngineAtOnce } from '../../../wasm/host/engine.ts';
import { findFaults } from '../../../wasm/rendering/faults/find-faults.ts';
import { type Fault, FAULTS, type Finding, NEEDS_CLEAN } from '../../../wasm/rendering/faults/finding.ts';
import { Draw } from '../identify/draw.ts';
import type { Stereo } from '../identify/processors.ts';
import { Audibility } from './audible.ts';
import { throughCleanChain } from './clean-chain.ts';
import { inject } from './faults.ts';

export const ALL_FAULTS = Object.keys(FAULTS) as Fault[];
export type Judging = 'alone' | 'compared';

export interface Piece {
  readonly about: string;
  readonly channels: Stereo;
  readonly sampleRate: number;
}

export interface Hits {
  readonly kind: Fault;
  readonly judging: Judging;
  readonly injected: number;
  readonly found: number;
  /** Seconds into the piece of what was not found. */
  readonly missed: readonly number[];
}

export interface Alarms {
  readonly judging: Judging;
  readonly seconds: number;
  readonly findings: readonly Finding[];
}

/** How far a finding may lie from the fault. */
const NEAR_SECONDS = 0.06;

const judged = (engine: EngineBinary, result: Stereo, clean: Stereo | null, rate: number, kinds: readonly Fault[]): Promise<Finding[]> =>
  findFaults({ engine, result: pcmFromArrays(result, rate), clean: clean && pcmFromArrays(clean, rate), kinds });

/** Faults of one kind put into a piece, alone and behind honest processing. */
export async function hitsIn(engine: EngineBinary, { channels, sampleRate }: Piece, kind: Fault, seed: number): Promise<Hits[]> {
  const opened = openEngineAtOnce(engine);
  const audibility = new Audibility(opened, sampleRate);
  const hits: Hits[] = [];
  for (const judging of ['alone', 'compared'] as const) {
    if (judging === 'alone' ? NEEDS_CLEAN.has(kind) : kind === 'over') continue;
    const draw = new Draw(seed);
    const music = judging === 'alone' ? channels : throughCleanChain(opened, channels, sampleRate, draw);
    const { channels: faulty, at } = inject(kind, music, sampleRate, draw, audibility);
    if (at.length === 0) continue;
    const findings = await judged(engine, faulty, judging === 'alone' ? null : channels, sampleRate, [kind]);
    const near = NEAR_SECONDS * sampleRate;
    const missed = at.filter(([from, to]) => !findings.some((f) => f.frame + f.frames >= from - near && f.frame <= to + near));
    hits.push({ kind, judging, injected: at.length, found: at.length - missed.length, missed: missed.map(([from]) => from / sampleRate) });
  }
  return hits;
}

/** What is found in a piece as it is, and in what honest processing makes of it. */
export async function alarmsIn(engine: EngineBinary, { channels, sampleRate }: Piece, seed: number): Promise<Alarms[]> {
  const seconds = channels[0].length / sampleRate;
  const processed = throughCleanChain(openEngineAtOnce(engine), channels, sampleRate, new Draw(seed));
  return [
    { judging: 'alone', seconds, findings: await judged(engine, channels, null, sampleRate, ALL_FAULTS) },
    { judging: 'compared', seconds, findings: await judged(engine, processed, channels, sampleRate, ALL_FAULTS) },
  ];
}
