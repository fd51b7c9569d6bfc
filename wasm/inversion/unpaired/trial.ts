/** A style tried on an excerpt of the target with the engine itself, and what matters for dynamics measured on the outcome. */
import type { Features } from '../../../shared/features.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import type { Style } from '../../../shared/style.ts';
import { dbToGain, gainToDb } from '../../../shared/units.ts';
import { BandDynamicsRecords } from '../../analysis/band-dynamics.ts';
import { programmeLoudness } from '../../analysis/programme-loudness.ts';
import { type EngineBinary, openEngine } from '../../host/engine.ts';
import { renderStages } from '../paired/chain-renderer.ts';
import type { Stereo } from '../paired/excerpts.ts';

const EXCERPT_SECONDS = 5;
const EXCERPTS = 3;

/** How levels move: what a compressor changes. */
export interface Movement {
  /** Per band (whole first): p50 - p10 and p95 - p50 of the 50 ms levels, dB; null where the band is empty. */
  readonly spreadsDb: readonly (readonly [number, number] | null)[];
  readonly plrDb: number;
  readonly integratedLufs: number;
}

/** Three moments of a recording, spread over it, or all of a short one. */
export async function readMoments(pcm: PcmSource): Promise<Stereo> {
  const length = Math.round(EXCERPT_SECONDS * pcm.sampleRate);
  const isShort = pcm.frames <= EXCERPTS * length;
  const starts = isShort ? [0] : [0.15, 0.45, 0.75].map((share) => Math.round(share * (pcm.frames - length)));
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

export const movementOf = (features: Features): Movement => ({
  spreadsDb: spreadsOf(features.dynamics.bands),
  plrDb: features.plrDb ?? 0,
  integratedLufs: features.loudness.integratedLufs ?? -70,
});

const spreadsOf = (bands: Features['dynamics']['bands']): Movement['spreadsDb'] =>
  // Shares 0.1, 0.5 and 0.95 of LEVEL_SHARES.
  bands.map(({ levelPercentilesDb: p }) => (p ? ([p[3]! - p[1]!, p[6]! - p[3]!] as const) : null));

/** Body, gain to the loudness target, limiter; then measured. */
export async function tryStyle(binary: EngineBinary, style: Style, moments: Stereo, sampleRate: number): Promise<Movement> {
  const [body] = await renderStages(binary, sampleRate, style, ['eq', 'matchFir', 'dynamics', 'exciter', 'stereo', 'reverb'], [moments]);
  const [left, right] = body!;
  const { integratedLufs } = await measureMovement(binary, [left, right], sampleRate);
  const engine = await openEngine(binary);
  let gainDb = style.modules.lufs.values.targetDb - integratedLufs;
  for (let round = 0; ; round += 1) {
    const out: [Float32Array, Float32Array] = [left.map((x) => x * dbToGain(gainDb)), right.map((x) => x * dbToGain(gainDb))];
    engine.createChain(sampleRate, [{ effect: 'limiter', values: style.modules.limiter.values }]).process(...out);
    const movement = await measureMovement(binary, out, sampleRate);
    const missing = style.modules.lufs.values.targetDb - movement.integratedLufs;
    if (Math.abs(missing) < 0.2 || round === 1) return movement;
    gainDb += missing;
  }
}

async function measureMovement(binary: EngineBinary, [left, right]: Stereo, sampleRate: number): Promise<Movement> {
  const engine = await openEngine(binary);
  const blocks: number[] = [];
  const records = new BandDynamicsRecords();
  engine.createMeter('loudness', sampleRate).process(left, right, (values) => values.forEach((v) => blocks.push(v)));
  engine.createMeter('band-levels', sampleRate).process(left, right, (values) => records.add(values));
  const truePeak = engine.createMeter('true-peak', sampleRate);
  truePeak.process(left, right);
  const integratedLufs = programmeLoudness(blocks).integratedLufs ?? -70;
  return {
    spreadsDb: spreadsOf(records.finish(sampleRate).bands),
    plrDb: gainToDb(truePeak.finish()[0]!) - integratedLufs,
    integratedLufs,
  };
}

