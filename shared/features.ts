/**
 * What analysis measures of one recording: a small, serialisable document, cached by content hash.
 * What cannot be measured is null. Mono is measured as dual mono. `features-document.ts` has the form on the wire.
 */
export const FEATURES_VERSION = 1;

/** Statistics over STFT frames (fftSize 2048, hop 512, Hann), mid channel, dB re full scale power. */
export interface SpectrumStatistics {
  readonly meanDb: readonly number[];
  readonly stdDb: readonly number[];
  readonly p10Db: readonly number[];
  readonly p50Db: readonly number[];
  readonly p95Db: readonly number[];
}

/** Long-term average spectrum over gated (active) frames: mean power per band in dB; mid and side. */
export interface Ltas {
  readonly hz: readonly number[];
  readonly midDb: readonly number[];
  readonly sideDb: readonly number[];
}

export interface BandDynamics {
  readonly lowHz: number;
  readonly highHz: number;
  /** Median over 1 s frames of peak over RMS. */
  readonly crestDb: number | null;
  /** Percentiles 5, 10, 25, 50, 75, 90, 95, 99 of the 50 ms levels of active frames, dB re full scale. */
  readonly levelPercentilesDb: readonly number[] | null;
}

export interface Features {
  readonly version: typeof FEATURES_VERSION;
  /** SHA-256 of the recording's bytes as they were given, hexadecimal. */
  readonly contentHash: string;
  readonly engine: string;
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly frames: number;
  readonly stft: SpectrumStatistics & { readonly fftSize: number; readonly hopFrames: number; readonly frameCount: number };
  /** 128 Slaney bands, 20 Hz to 20 kHz (or Nyquist). */
  readonly mel: SpectrumStatistics & { readonly bands: number };
  /** 30 bands, 25 Hz to 20 kHz: `thirdOctaveHz`. Bands over Nyquist are floored. */
  readonly ltas: Ltas;
  /** 1/12-octave grid, 20 Hz to 20 kHz (121 points). */
  readonly ltasFine: Ltas;
  readonly loudness: {
    readonly integratedLufs: number | null;
    readonly lraLu: number | null;
    readonly momentaryMaxLufs: number | null;
    readonly shortTermMaxLufs: number | null;
    /** Every 100 ms, full windows only; -120 where silent; thinned to at most 4 000 values. */
    readonly shortTermLufs: readonly number[];
    readonly momentaryLufs: readonly number[];
    readonly seriesStepSeconds: number;
  };
  readonly truePeakDbtp: number | null;
  readonly samplePeakDb: number | null;
  readonly plrDb: number | null;
  readonly dynamics: {
    /** Whole band first, then < 120, 120-500, 500-2k, 2k-6k, > 6k Hz. */
    readonly bands: readonly BandDynamics[];
    /** Share of 50 ms frames that are active (within the gate). */
    readonly activeShare: number;
  };
  /** Null where F0 was not asked for. */
  readonly f0: {
    readonly algorithm: 'yin';
    readonly rateHz: number;
    /** Hz, 0 where unvoiced. */
    readonly hz: readonly number[];
    readonly voicedShare: number;
    readonly medianHz: number | null;
  } | null;
  readonly stereo: {
    /** 10 log10(side power / mid power) per 1/3-octave band; null where both are empty. */
    readonly sideToMidDb: readonly (number | null)[];
    /** Magnitude-squared inter-channel coherence per 1/3-octave band, 0 to 1. */
    readonly coherence: readonly number[];
    /** Correlation of left and right, -1 to 1. */
    readonly correlation: number;
  };
  readonly onsetsPerSecond: number;
  readonly reverb: {
    /** Seconds; null where the material shows no free decay. */
    readonly rt60Seconds: number | null;
    readonly rt60Interval: readonly [number, number] | null;
    /** Per octave band 250 to 8 000 Hz. */
    readonly rt60BandSeconds: readonly (number | null)[];
    /** Mean energy decay curve of the decays found, dB, one value per 10 ms. */
    readonly edcDb: readonly number[] | null;
    /** 5th percentile of the level change over 50 ms, dB/s, negative: how fast sound gets out of the way. */
    readonly fallDbPerSecond: number | null;
  };
  /** 10th percentile of the pauses' level (50 ms, 30 dB under the loud moments), dB re full scale; null without pauses. */
  readonly noiseFloorDb: number | null;
  /** Highest frequency with content, Hz. */
  readonly bandwidthHz: number;
  readonly clippedSamples: number;
  readonly dcOffset: number;
}
