/** Hearing a match before its result is rendered: the style as estimated, on the audio thread, from the target. */
import { equalizerResponseDb } from '../../shared/equalizer-response.ts';
import type { Features } from '../../shared/features.ts';
import { scaleEqualizer } from '../../shared/params/equalizer.ts';
import type { Job } from '../../shared/jobs.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import type { Style } from '../../shared/style.ts';
import { dbToGain, dbToPower, powerToDb } from '../../shared/units.ts';
import { kWeight } from '../../wasm/analysis/gated-spectrum.ts';
import type { FinishSettings } from '../../wasm/rendering/checkpoint.ts';
import { effectiveIntensity, limiterValues, loudnessTarget } from '../../wasm/rendering/style-chain.ts';
import type { Estimate, TonetwinService } from '../jobs/contract.ts';
import { compare, type Comparison } from './comparison.ts';

/**
 * What the equalizer does to the loudness of a recording, LU: the K-weighted power of its long-term spectrum with and
 * without. Compression is left out: its bands keep their power.
 */
export function equalizerLiftLu({ ltas, sampleRate }: Features, style: Style): number {
  const amount = effectiveIntensity(style, 'eq');
  const response = equalizerResponseDb(scaleEqualizer(style.modules.eq.values, amount).bands, ltas.hz.map((hz) => Math.min(hz, 0.49 * sampleRate)), sampleRate);
  if (amount === 0) return 0;
  let [before, after] = [1e-14, 1e-14];
  ltas.hz.forEach((hz, band) => {
    const power = kWeight(hz) * (dbToPower(ltas.midDb[band]!) + dbToPower(ltas.sideDb[band]!));
    before += power;
    after += power * dbToPower(response[band]!);
  });
  return powerToDb(after / before);
}

/** Gain and ceiling as a render may decide: it measures, this predicts. */
export function predictedSettings(style: Style, target: Features): FinishSettings {
  const inputLufs = target.loudness.integratedLufs;
  const bodyLufs = inputLufs === null ? null : inputLufs + equalizerLiftLu(target, style);
  const targetLufs = loudnessTarget(style, bodyLufs, inputLufs);
  const ceilingDbtp = limiterValues(style)?.tpDb ?? null;
  const gainDb = targetLufs === null || bodyLufs === null ? 0 : targetLufs - bodyLufs;
  return { gainDb, ceilingDbtp, measured: { integratedLufs: targetLufs ?? bodyLufs, truePeakDbtp: ceilingDbtp }, targetLufs };
}

/** In the place of the recording that is not there yet; the live sound is heard instead. */
const silence = ({ sampleRate, channels, frames }: Pick<PcmSource, 'sampleRate' | 'channels' | 'frames'>): PcmSource => ({
  sampleRate,
  channels,
  frames,
  notices: [],
  read: (frame, count) => Promise.resolve(Array.from({ length: channels }, () => new Float32Array(Math.max(0, Math.min(count, frames - frame))))),
});

export function createEarlyComparison(service: TonetwinService, job: Job, { style, targetFeatures, referenceFeatures }: Estimate): Comparison {
  const { sampleRate, frames } = targetFeatures;
  const settings = predictedSettings(style, targetFeatures);
  const comparison = compare(service, {
    id: job.id, targetId: job.targetId, referenceId: job.referenceId, sampleRate, frames, targetFeatures, referenceFeatures,
    mode: style.mode, measured: settings.measured, open: () => Promise.resolve(silence(targetFeatures)), resultDrawnAs: 'target',
  });
  const { gainDb } = comparison.tracks.find(({ name }) => name === 'result')!;
  comparison.player.setLive({ sound: { style, settings }, gain: dbToGain(gainDb) });
  return comparison;
}
