/** `features` as they travel: snake_case with the unit in the name; what the command line, the API and files carry. */
import { z } from 'zod';
import type { Features, Ltas, SpectrumStatistics } from './features.ts';

const levels = z.array(z.number());
const statistics = { mean_db: levels, std_db: levels, p10_db: levels, p50_db: levels, p95_db: levels };
const ltasSchema = z.object({ f_hz: z.array(z.number()), mid_db: levels, side_db: levels });

export const featuresSchema = z.object({
  version: z.literal(1),
  content_hash: z.string(),
  engine: z.string(),
  sample_rate_hz: z.number(),
  channels: z.union([z.literal(1), z.literal(2)]),
  frames: z.number().int(),
  duration_s: z.number(),
  stft: z.object({ fft_size: z.number(), hop_frames: z.number(), frame_count: z.number(), ...statistics }),
  mel: z.object({ bands: z.number(), ...statistics }),
  ltas: ltasSchema.extend({ fine: ltasSchema }),
  lufs: z.object({
    integrated: z.number().nullable(),
    lra_lu: z.number().nullable(),
    momentary_max: z.number().nullable(),
    short_term_max: z.number().nullable(),
    short_term: levels,
    momentary: levels,
    step_s: z.number(),
  }),
  tp_db: z.number().nullable(),
  sample_peak_db: z.number().nullable(),
  plr_db: z.number().nullable(),
  dynamics: z.object({
    bands: z.array(
      z.object({
        low_hz: z.number(),
        high_hz: z.number(),
        crest_db: z.number().nullable(),
        level_percentiles_db: levels.nullable().describe('5, 10, 25, 50, 75, 90, 95 and 99 % of the 50 ms levels'),
      }),
    ),
    active_share: z.number(),
  }),
  f0: z
    .object({ algo: z.literal('yin'), values: z.array(z.number()).describe('Hz, 0 where unvoiced'), sr_hz: z.number(), voiced_share: z.number(), median_hz: z.number().nullable() })
    .nullable(),
  stereo: z.object({ ms_energy: z.array(z.number().nullable()).describe('side over mid, dB, per 1/3 octave'), coherence: z.array(z.number()), correlation: z.number() }),
  onsets_per_s: z.number(),
  reverb: z.object({
    rt60_s: z.number().nullable(),
    rt60_interval_s: z.tuple([z.number(), z.number()]).nullable(),
    rt60_band_s: z.array(z.number().nullable()).describe('Octaves 250 to 8 000 Hz'),
    edc: levels.nullable().describe('Mean energy decay, dB per 10 ms'),
    fall_db_per_s: z.number().nullable(),
  }),
  noise_floor_db: z.number().nullable(),
  bandwidth_hz: z.number(),
  clipped_samples: z.number(),
  dc_offset: z.number(),
});

export type FeaturesDocument = z.infer<typeof featuresSchema>;

const statisticsToDocument = ({ meanDb, stdDb, p10Db, p50Db, p95Db }: SpectrumStatistics) => ({
  mean_db: [...meanDb],
  std_db: [...stdDb],
  p10_db: [...p10Db],
  p50_db: [...p50Db],
  p95_db: [...p95Db],
});

const ltasToDocument = ({ hz, midDb, sideDb }: Ltas) => ({ f_hz: [...hz], mid_db: [...midDb], side_db: [...sideDb] });

export const featuresToDocument = (features: Features): FeaturesDocument => ({
  version: features.version,
  content_hash: features.contentHash,
  engine: features.engine,
  sample_rate_hz: features.sampleRate,
  channels: features.channels,
  frames: features.frames,
  duration_s: features.frames / features.sampleRate,
  stft: {
    fft_size: features.stft.fftSize,
    hop_frames: features.stft.hopFrames,
    frame_count: features.stft.frameCount,
    ...statisticsToDocument(features.stft),
  },
  mel: { bands: features.mel.bands, ...statisticsToDocument(features.mel) },
  ltas: { ...ltasToDocument(features.ltas), fine: ltasToDocument(features.ltasFine) },
  lufs: {
    integrated: features.loudness.integratedLufs,
    lra_lu: features.loudness.lraLu,
    momentary_max: features.loudness.momentaryMaxLufs,
    short_term_max: features.loudness.shortTermMaxLufs,
    short_term: [...features.loudness.shortTermLufs],
    momentary: [...features.loudness.momentaryLufs],
    step_s: features.loudness.seriesStepSeconds,
  },
  tp_db: features.truePeakDbtp,
  sample_peak_db: features.samplePeakDb,
  plr_db: features.plrDb,
  dynamics: {
    bands: features.dynamics.bands.map((band) => ({
      low_hz: band.lowHz,
      high_hz: band.highHz,
      crest_db: band.crestDb,
      level_percentiles_db: band.levelPercentilesDb && [...band.levelPercentilesDb],
    })),
    active_share: features.dynamics.activeShare,
  },
  f0: features.f0 && {
    algo: features.f0.algorithm,
    values: [...features.f0.hz],
    sr_hz: features.f0.rateHz,
    voiced_share: features.f0.voicedShare,
    median_hz: features.f0.medianHz,
  },
  stereo: {
    ms_energy: [...features.stereo.sideToMidDb],
    coherence: [...features.stereo.coherence],
    correlation: features.stereo.correlation,
  },
  onsets_per_s: features.onsetsPerSecond,
  reverb: {
    rt60_s: features.reverb.rt60Seconds,
    rt60_interval_s: features.reverb.rt60Interval && [...features.reverb.rt60Interval],
    rt60_band_s: [...features.reverb.rt60BandSeconds],
    edc: features.reverb.edcDb && [...features.reverb.edcDb],
    fall_db_per_s: features.reverb.fallDbPerSecond,
  },
  noise_floor_db: features.noiseFloorDb,
  bandwidth_hz: features.bandwidthHz,
  clipped_samples: features.clippedSamples,
  dc_offset: features.dcOffset,
});
