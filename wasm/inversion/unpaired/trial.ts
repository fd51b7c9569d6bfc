/** A style tried on moments of the target with the engine itself: how the levels of its bands move afterwards. */
import type { Features } from '../../../shared/features.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import type { Style } from '../../../shared/style.ts';
import { gainToDb, powerToDb } from '../../../shared/units.ts';
import { BandDynamicsRecords } from '../../analysis/band-dynamics.ts';
import { programmeLoudness } from '../../analysis/programme-loudness.ts';
import { type EngineBinary, openEngine } from '../../host/engine.ts';
import { BODY_STAGES, renderStages } from '../paired/chain-renderer.ts';
import type { Stereo } from '../paired/excerpts.ts';

/** Many short ones: mean powers hang on the loudest moments, and those are rare. */
const EXCERPT_SECONDS = 1.5;
const EXCERPTS = 10;

/** Of a band's 50 ms levels. */
export interface Movement {
  /** p50 - p10 and p95 - p50, dB. */
  readonly lowDb: number;
  readonly highDb: number;
}

/** Moments of a recording, spread over it, or all of a short one. */
export async function readMoments(pcm: PcmSource): Promise<Stereo> {
  const length = Math.round(EXCERPT_SECONDS * pcm.sampleRate);
  const isShort = pcm.frames <= EXCERPTS * length;
  const starts = isShort ? [0] : Array.from({ length: EXCERPTS }, (_, k) => Math.round(((k + 0.5) / EXCERPTS) * (pcm.frames - length)));
  const pieces = await Promise.all(starts.map((start) => pcm.read(start, isShort ? pcm.frames : length)));
  const joined = (channel: number) => {
    const rows = pieces.map((piece) => piece[channel] ?? piece[0]!);
    const whole = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
    let at = 0;
    for (const row of rows) {
      whole.set(row, at);
      at += row.length;
    }
    return whole;
  };
  return [joined(0), joined(1)];
}

/** Shares 0.1, 0.5 and 0.95 of LEVEL_SHARES; per band (whole first), null where the band is empty. */
export const movementsOf = (bands: Features['dynamics']['bands']): (Movement | null)[] =>
  bands.map(({ levelPercentilesDb: p }) => (p ? { lowDb: p[3]! - p[1]!, highDb: p[6]! - p[3]! } : null));

export interface Trial {
  readonly movements: readonly (Movement | null)[];
  /** Mean power per band, dB. */
  readonly powersDb: readonly number[];
}

/** How far peaks stand over loudness, true peak minus integrated, dB; null where nothing is loud enough to say. */
export async function plrOf(binary: EngineBinary, [left, right]: Stereo, sampleRate: number): Promise<number | null> {
  const engine = await openEngine(binary);
  const energies: number[] = [];
  engine.createMeter('loudness', sampleRate).process(left, right, (values) => energies.push(...values));
  const peak = engine.createMeter('true-peak', sampleRate);
  peak.process(left, right);
  const { integratedLufs } = programmeLoudness(energies);
  return integratedLufs === null ? null : gainToDb(Math.max(1e-6, peak.finish()[0]!)) - integratedLufs;
}

/** What a style's body adds to the PLR of moments of the target, dB. */
export async function plrGrowthDb(binary: EngineBinary, style: Style, moments: Stereo, sampleRate: number): Promise<number> {
  const [body] = await renderStages(binary, sampleRate, style, BODY_STAGES, [moments]);
  const [before, after] = [await plrOf(binary, moments, sampleRate), await plrOf(binary, body!, sampleRate)];
  return before === null || after === null ? 0 : after - before;
}

/** The style up to its dynamics, rendered and measured. */
export async function tryDynamics(binary: EngineBinary, style: Style, moments: Stereo, sampleRate: number): Promise<Trial> {
  const [body] = await renderStages(binary, sampleRate, style, ['eq', 'matchFir', 'dynamics'], [moments]);
  const engine = await openEngine(binary);
  const records = new BandDynamicsRecords();
  engine.createMeter('band-levels', sampleRate).process(body![0], body![1], (values) => records.add(values));
  return { movements: movementsOf(records.finish(sampleRate).bands), powersDb: records.powers.map(powerToDb) };
}
