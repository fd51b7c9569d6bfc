/** Features, styles and results made up for tests of the page; plausible, and the same every time. */
import type { Features } from '../../../shared/features.ts';
import { FEATURES_VERSION } from '../../../shared/features.ts';
import type { Style } from '../../../shared/style.ts';
import { neutralStyle } from '../../../shared/style.ts';
import { thirdOctaveHz } from '../../../shared/units.ts';

export interface Sound {
  readonly lufs: number;
  readonly truePeakDbtp: number;
  /** dB per decade around 1 kHz. */
  readonly tiltDb: number;
  readonly bassDb: number;
  readonly lraLu: number;
  readonly sideDb: number;
  readonly rt60Seconds: number | null;
  readonly bandwidthHz: number;
}

const statistics = { meanDb: [], stdDb: [], p10Db: [], p50Db: [], p95Db: [] };

const spectrum = (hz: readonly number[], sound: Sound) =>
  hz.map((f) => {
    const octaves = Math.log2(f / 1000);
    const low = -0.9 * Math.max(0, Math.log2(45 / f)) ** 2 * 6;
    const high = f > sound.bandwidthHz ? -60 : -0.35 * Math.max(0, Math.log2(f / 9000)) * 18;
    const ripple = 1.6 * Math.sin(octaves * 2.7 + sound.tiltDb) + 0.9 * Math.sin(octaves * 6.1 + sound.lufs);
    return sound.lufs - 14 + (sound.tiltDb * octaves) / 3.32 + sound.bassDb * Math.exp(-((Math.log2(f / 90) / 1.3) ** 2)) + ripple + low + high;
  });

export function fakeFeatures(sound: Sound, seconds: number, sampleRate = 48000): Features {
  const third = Array.from({ length: 30 }, (_, k) => thirdOctaveHz(k));
  const fine = Array.from({ length: 121 }, (_, k) => 20 * 2 ** (k / 12));
  const band = (hz: readonly number[]) => ({ hz, midDb: spectrum(hz, sound), sideDb: spectrum(hz, sound).map((db) => db + sound.sideDb) });
  return {
    version: FEATURES_VERSION,
    contentHash: '0'.repeat(64),
    engine: 'f'.repeat(64),
    sampleRate,
    channels: 2,
    frames: Math.round(seconds * sampleRate),
    stft: { ...statistics, fftSize: 2048, hopFrames: 512, frameCount: 0 },
    mel: { ...statistics, bands: 128 },
    ltas: band(third),
    ltasFine: band(fine),
    loudness: {
      integratedLufs: sound.lufs,
      lraLu: sound.lraLu,
      momentaryMaxLufs: sound.lufs + 4,
      shortTermMaxLufs: sound.lufs + 2,
      shortTermLufs: [],
      momentaryLufs: [],
      seriesStepSeconds: 0.1,
    },
    truePeakDbtp: sound.truePeakDbtp,
    samplePeakDb: sound.truePeakDbtp - 0.2,
    plrDb: sound.truePeakDbtp - sound.lufs,
    dynamics: { bands: [], activeShare: 0.92 },
    f0: null,
    stereo: { sideToMidDb: third.map(() => sound.sideDb), coherence: third.map(() => 0.8), correlation: 0.7 },
    onsetsPerSecond: 2.1,
    reverb: {
      rt60Seconds: sound.rt60Seconds,
      rt60Interval: sound.rt60Seconds === null ? null : [sound.rt60Seconds * 0.8, sound.rt60Seconds * 1.25],
      rt60BandSeconds: [null, null, null, null, null, null],
      edcDb: null,
      fallDbPerSecond: -120,
    },
    noiseFloorDb: -71,
    bandwidthHz: sound.bandwidthHz,
    clippedSamples: 0,
    dcOffset: 0,
  };
}

export const TARGET_SOUND: Sound = { lufs: -23.4, truePeakDbtp: -4.8, tiltDb: -17, bassDb: 5, lraLu: 9.6, sideDb: -14, rt60Seconds: 0.31, bandwidthHz: 16800 };
export const REFERENCE_SOUND: Sound = { lufs: -13.8, truePeakDbtp: -0.6, tiltDb: -11, bassDb: 2, lraLu: 5.2, sideDb: -9, rt60Seconds: null, bandwidthHz: 20000 };
export const RESULT_SOUND: Sound = { lufs: -13.9, truePeakDbtp: -1, tiltDb: -11.6, bassDb: 2.4, lraLu: 5.9, sideDb: -9.6, rt60Seconds: 0.34, bandwidthHz: 19400 };

/** A style as mode B would estimate it, with every kind of status. */
export function fakeStyle(): Style {
  const style = neutralStyle('f'.repeat(64), 'B');
  const { modules } = style;
  modules.eq = {
    ...modules.eq,
    enabled: true,
    status: 'estimated',
    confidence: 0.91,
    reason: { code: 'module/by-hand', args: {} },
    intervals: { 'bands.0.gainDb': [-4.3, -2.9], 'bands.1.gainDb': [-2.6, -1.2], 'bands.2.gainDb': [1.9, 3.1], 'bands.3.gainDb': [3.8, 5.2] },
    values: {
      bands: [
        { type: 'low_shelf', fHz: 110, q: 0.7, gainDb: -3.6 },
        { type: 'peak', fHz: 280, q: 1.1, gainDb: -1.9 },
        { type: 'peak', fHz: 2600, q: 0.9, gainDb: 2.5 },
        { type: 'high_shelf', fHz: 7800, q: 0.7, gainDb: 4.5 },
      ],
    },
  };
  const band = { thresholdDb: -24, ratio: 1.8, lowThresholdDb: -60, lowRatio: 1, kneeDb: 8, attackMs: 18, releaseMs: 160, rmsMs: 10, makeupDb: 1.5 };
  modules.dynamics = {
    ...modules.dynamics,
    enabled: true,
    status: 'estimated',
    confidence: 0.62,
    reason: { code: 'module/by-hand', args: {} },
    intervals: { 'bands.0.ratio': [1.4, 2.3] },
    values: { ...modules.dynamics.values, bands: [band, { ...band, ratio: 2.4 }, { ...band, ratio: 1.5 }] },
  };
  modules.stereo = {
    ...modules.stereo,
    enabled: true,
    status: 'estimated',
    confidence: 0.74,
    reason: { code: 'module/by-hand', args: {} },
    values: { ...modules.stereo.values, widthLow: 1, widthMid: 1.4, widthHigh: 1.7 },
  };
  modules.exciter = { ...modules.exciter, status: 'neutral', reason: { code: 'module/neutral', args: {} } };
  modules.reverb = { ...modules.reverb, status: 'not-identifiable', confidence: 0.2, reason: { code: 'module/not-identifiable', args: {} } };
  modules.lufs = { ...modules.lufs, enabled: true, status: 'estimated', confidence: 0.98, reason: { code: 'module/by-hand', args: {} }, values: { targetDb: -13.8 } };
  modules.limiter = { ...modules.limiter, enabled: true, status: 'estimated', confidence: 0.8, reason: { code: 'module/by-hand', args: {} } };
  return style;
}
