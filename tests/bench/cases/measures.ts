/** The columns of the cases table: how far a render lies from what it is judged by. Lower is better. */
import { dbToGain, gainToDb } from '../../../shared/units.ts';
import { programmeLoudness } from '../../../wasm/analysis/programme-loudness.ts';
import { type EngineBinary, openEngine } from '../../../wasm/host/engine.ts';
import { aligned } from './alignment.ts';
import { type BandMovement, bandMovements, fallRate, spreadDistanceDb } from './movement.ts';
import { melDistanceDb, mrstft, pitchOffsetCents } from './short-time.ts';
import { type LongTerm, longTermOf, ltasDistanceDb, sideToMidDistanceDb, type Stereo } from './spectrum.ts';

export const COLUMNS = {
  loudness: 'loudness, LU',
  over: 'true peak over -1 dBTP, dB',
  lra: 'LRA, LU',
  plr: 'PLR, dB',
  ltas: 'LTAS, dB',
  side: 'side/mid, dB',
  spread: 'level spread, dB',
  fall: 'level fall, %',
  mrstft: 'MRSTFT',
  mrstftAligned: 'MRSTFT, loudness-aligned',
  mel: 'mel, dB',
  pitch: 'pitch, cents',
} as const;

export type Measures = { readonly [C in keyof typeof COLUMNS]: number | null };

export interface Recording {
  readonly rows: Stereo;
  readonly sampleRate: number;
}

interface Description {
  readonly lufs: number;
  readonly lra: number;
  readonly dbtp: number;
  readonly longTerm: LongTerm;
  readonly movements: readonly BandMovement[];
  readonly fall: number;
}

const CEILING_DBTP = -1;

function loudnessOf(engine: Awaited<ReturnType<typeof openEngine>>, [left, right]: Stereo, sampleRate: number) {
  const blocks: number[] = [];
  engine.createMeter('loudness', sampleRate).process(left, right, (values) => blocks.push(...values));
  return programmeLoudness(blocks);
}

async function describe(binary: EngineBinary, { rows, sampleRate }: Recording): Promise<Description> {
  const engine = await openEngine(binary);
  const { integratedLufs, lraLu } = loudnessOf(engine, rows, sampleRate);
  const peak = engine.createMeter('true-peak', sampleRate);
  peak.process(...rows);
  return {
    lufs: integratedLufs ?? -120,
    lra: lraLu ?? 0,
    dbtp: gainToDb(Math.max(1e-6, peak.finish()[0]!)),
    longTerm: longTermOf(engine, rows, sampleRate),
    movements: bandMovements(rows, sampleRate),
    fall: fallRate(rows, sampleRate),
  };
}

/** @param judge the truth where there is one, else the reference; @param isTruth sample for sample */
export async function measureCase(binary: EngineBinary, out: Recording, judge: Recording, isTruth: boolean): Promise<Measures> {
  const [mine, theirs] = [await describe(binary, out), await describe(binary, judge)];
  const common = {
    loudness: Math.abs(mine.lufs - theirs.lufs),
    over: Math.max(0, mine.dbtp - CEILING_DBTP),
    lra: Math.abs(mine.lra - theirs.lra),
    plr: Math.abs(mine.dbtp - mine.lufs - (theirs.dbtp - theirs.lufs)),
    ltas: ltasDistanceDb(mine.longTerm, mine.lufs, theirs.longTerm, theirs.lufs),
    side: sideToMidDistanceDb(mine.longTerm, theirs.longTerm),
    spread: spreadDistanceDb(mine.movements, theirs.movements),
    fall: (100 * Math.abs(mine.fall - theirs.fall)) / Math.max(1, Math.abs(theirs.fall)),
  };
  if (!isTruth) return { ...common, mrstft: null, mrstftAligned: null, mel: null, pitch: null };
  const engine = await openEngine(binary);
  const { sampleRate } = judge;
  const pair = aligned(engine, out.rows, judge.rows, sampleRate);
  const missing = (loudnessOf(engine, pair.truth, sampleRate).integratedLufs ?? 0) - (loudnessOf(engine, pair.out, sampleRate).integratedLufs ?? 0);
  const asLoud = pair.out.map((row) => row.map((x) => x * dbToGain(missing))) as [Float32Array, Float32Array];
  const cents = pitchOffsetCents(engine, pair.out, pair.truth, sampleRate);
  return {
    ...common,
    mrstft: mrstft(engine, pair.out, pair.truth),
    mrstftAligned: mrstft(engine, asLoud, pair.truth),
    mel: melDistanceDb(engine, pair.out, pair.truth, sampleRate),
    pitch: Math.abs(cents ?? 0),
  };
}
