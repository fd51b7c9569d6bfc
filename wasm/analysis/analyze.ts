/** Pcm -> Features: one pass, constant memory for hours of audio but for short series of numbers. */
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import { FEATURES_VERSION, type Features } from '../../shared/features.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import { gainToDb } from '../../shared/units.ts';
import { type EngineBinary, openEngine } from '../host/engine.ts';
import { BandDynamicsRecords } from './band-dynamics.ts';
import { FreeDecays } from './free-decays.ts';
import { GatedSpectrumSums } from './gated-spectrum.ts';
import { PitchTrack } from './pitch-track.ts';
import { programmeLoudness, thinned } from './programme-loudness.ts';
import { Onsets, spectraOf } from './spectrum-statistics.ts';

export interface AnalyzeOptions {
  engine: EngineBinary;
  /** SHA-256 of the recording's content, hexadecimal. */
  contentHash: string;
  /** Track F0 too: several times slower. */
  f0?: boolean;
  signal?: AbortSignal;
  /** 0 to 1. */
  onProgress?: (fraction: number) => void;
}

const READ_FRAMES = 65_536;
const MIN_SECONDS = 0.4;
const MAX_BROKEN_SHARE = 0.01;
const SERIES_LIMIT = 4000;
/** Under -90 dBFS of RMS there is no sound to speak of. */
const SILENT_RMS = 3.2e-5;
/** This far (in power) under a constant offset lies dither, not sound: 60 dB. */
const DITHER_SHARE = 1e-6;

/**
 * Measures a recording once from start to end.
 *
 * @throws AppError 'audio/too-short' below 0.4 s, 'audio/silent', 'audio/dc-only', 'audio/not-finite' when more than
 *   1 % of the samples are not numbers, 'audio/sample-rate', 'job/cancelled'
 *
 * The same samples give the same features, however they are cut. Definitions are at the fields of `Features`.
 */
export async function analyzeFeatures(pcm: PcmSource, options: AnalyzeOptions): Promise<Features> {
  const { sampleRate } = pcm;
  if (!(sampleRate >= 8000 && sampleRate <= 192_000)) throw new AppError('audio/sample-rate', { hz: sampleRate });
  if (pcm.frames === 0) throw new AppError('audio/empty');
  if (pcm.frames < MIN_SECONDS * sampleRate) {
    throw new AppError('audio/too-short', { seconds: Number((pcm.frames / sampleRate).toFixed(2)), minimum: MIN_SECONDS });
  }
  const engine = await openEngine(options.engine);
  const blocks: number[] = [];
  const spectrum = new GatedSpectrumSums();
  const dynamics = new BandDynamicsRecords();
  const decays = new FreeDecays();
  const onsets = new Onsets();
  const pitch = options.f0 ? new PitchTrack(engine, sampleRate) : null;
  const peakMeter = engine.createMeter('peak', sampleRate);
  const meters = engine.createMeterGroup(sampleRate, ['true-peak', 'loudness', 'band-levels', 'decay', 'ltas', 'spectrum']);
  const drained = {
    loudness: (v: Float64Array) => v.forEach((energy) => blocks.push(energy)),
    'band-levels': (v: Float64Array) => dynamics.add(v),
    decay: (v: Float64Array) => decays.add(v),
    ltas: (v: Float64Array) => spectrum.add(v),
    spectrum: (v: Float64Array) => onsets.add(v),
  };

  const into = Array.from({ length: pcm.channels }, () => new Float32Array(READ_FRAMES));
  for (let frame = 0; frame < pcm.frames; ) {
    throwIfAborted(options.signal);
    const channels = await pcm.read(frame, READ_FRAMES, into);
    const left = channels[0]!;
    const right = channels[1] ?? left;
    if (left.length === 0) break;
    frame += left.length;
    let isBroken = false;
    peakMeter.process(left, right, () => (isBroken = true));
    if (isBroken) silenceBroken(channels);
    meters.process(left, right, drained);
    pitch?.add(left, right);
    options.onProgress?.(Math.min(1, frame / pcm.frames));
  }

  const whole = samplesOf(peakMeter.finish());
  if (whole.broken > MAX_BROKEN_SHARE * whole.frames) throw new AppError('audio/not-finite');
  if (whole.power < SILENT_RMS ** 2) throw new AppError('audio/silent');
  if (whole.power - whole.dcPower < Math.max(SILENT_RMS ** 2, DITHER_SHARE * whole.dcPower)) throw new AppError('audio/dc-only');

  const loudness = programmeLoudness(blocks);
  const step = Math.max(1, Math.ceil(loudness.momentaryLufs.length / SERIES_LIMIT));
  spectrum.add(meters.finish('ltas'));
  const gated = spectrum.finish();
  dynamics.add(meters.finish('band-levels'));
  const levels = dynamics.finish(sampleRate);
  const truePeakDbtp = gainToDb(meters.finish('true-peak')[0]!);
  const { stft, mel, bandwidthHz } = spectraOf(meters.finish('spectrum'), sampleRate);
  return {
    version: FEATURES_VERSION,
    contentHash: options.contentHash,
    engine: options.engine.digest,
    sampleRate,
    channels: pcm.channels,
    frames: pcm.frames,
    stft,
    mel,
    ltas: gated.ltas,
    ltasFine: gated.ltasFine,
    loudness: {
      integratedLufs: loudness.integratedLufs,
      lraLu: loudness.lraLu,
      momentaryMaxLufs: loudness.momentaryMaxLufs,
      shortTermMaxLufs: loudness.shortTermMaxLufs,
      shortTermLufs: thinned(loudness.shortTermLufs, step),
      momentaryLufs: thinned(loudness.momentaryLufs, step),
      seriesStepSeconds: 0.1 * step,
    },
    truePeakDbtp,
    samplePeakDb: gainToDb(whole.peak),
    plrDb: loudness.integratedLufs === null ? null : truePeakDbtp - loudness.integratedLufs,
    dynamics: { bands: levels.bands, activeShare: levels.activeShare },
    f0: pitch?.finish() ?? null,
    stereo: { sideToMidDb: gated.sideToMidDb, coherence: gated.coherence, correlation: whole.correlation },
    onsetsPerSecond: onsets.perSecond(sampleRate),
    reverb: decays.finish(),
    noiseFloorDb: levels.noiseFloorDb,
    bandwidthHz,
    clippedSamples: whole.clipped,
    dcOffset: whole.dcOffset,
  };
}

/** Samples that are not numbers become silence, in place: the arrays are ours. */
function silenceBroken(channels: readonly Float32Array[]): void {
  for (const channel of channels) {
    for (let i = 0; i < channel.length; i += 1) if (!Number.isFinite(channel[i]!)) channel[i] = 0;
  }
}

/** What the meter `peak` tells, over both channels. */
function samplesOf(finished: Float64Array) {
  const [peak, squares, sumLeft, sumRight, frames, clipped, broken, squaresLeft, products] = finished as Iterable<number> as [
    number, number, number, number, number, number, number, number, number,
  ];
  const scale = Math.sqrt(squaresLeft * (squares - squaresLeft));
  return {
    peak,
    frames,
    clipped,
    broken,
    power: squares / (2 * frames),
    dcPower: ((sumLeft / frames) ** 2 + (sumRight / frames) ** 2) / 2,
    dcOffset: (sumLeft + sumRight) / (2 * frames),
    /** 1 for mono and where a channel is silent. */
    correlation: scale > 0 ? Math.max(-1, Math.min(1, products / scale)) : 1,
  };
}
