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
  const truePeakMeter = engine.createMeter('true-peak', sampleRate);
  const ltasMeter = engine.createMeter('ltas', sampleRate);
  const spectrumMeter = engine.createMeter('spectrum', sampleRate);
  const drained = [
    [engine.createMeter('loudness', sampleRate), (v: Float64Array) => v.forEach((energy) => blocks.push(energy))],
    [engine.createMeter('band-levels', sampleRate), (v: Float64Array) => dynamics.add(v)],
    [engine.createMeter('decay', sampleRate), (v: Float64Array) => decays.add(v)],
    [ltasMeter, (v: Float64Array) => spectrum.add(v)],
    [spectrumMeter, (v: Float64Array) => onsets.add(v)],
  ] as const;
  const correlation = new StereoCorrelation();

  for (let frame = 0; frame < pcm.frames; frame += READ_FRAMES) {
    throwIfAborted(options.signal);
    const channels = await pcm.read(frame, READ_FRAMES);
    const left = channels[0]!;
    const right = channels[1] ?? left;
    peakMeter.process(left, right);
    silenceBroken(channels);
    truePeakMeter.process(left, right);
    for (const [meter, take] of drained) meter.process(left, right, take);
    correlation.add(left, right);
    pitch?.add(left, right);
    options.onProgress?.(Math.min(1, (frame + left.length) / pcm.frames));
  }

  const [samplePeak, squares, sumLeft, sumRight, seen, clipped, broken] = peakMeter.finish() as unknown as [number, number, number, number, number, number, number];
  if (broken > MAX_BROKEN_SHARE * seen) throw new AppError('audio/not-finite');
  const dcOffset = (sumLeft + sumRight) / (2 * seen);
  const rms = Math.sqrt(squares / (2 * seen));
  if (rms < SILENT_RMS) throw new AppError('audio/silent');
  const dcPower = ((sumLeft / seen) ** 2 + (sumRight / seen) ** 2) / 2;
  if (rms * rms - dcPower < SILENT_RMS ** 2) throw new AppError('audio/dc-only');

  const loudness = programmeLoudness(blocks);
  const step = Math.max(1, Math.ceil(loudness.momentaryLufs.length / SERIES_LIMIT));
  spectrum.add(ltasMeter.finish());
  const gated = spectrum.finish();
  const levels = dynamics.finish(sampleRate);
  const truePeakDbtp = gainToDb(truePeakMeter.finish()[0]!);
  const { stft, mel, bandwidthHz } = spectraOf(spectrumMeter.finish(), sampleRate);
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
    samplePeakDb: gainToDb(samplePeak),
    plrDb: loudness.integratedLufs === null ? null : truePeakDbtp - loudness.integratedLufs,
    dynamics: { bands: levels.bands, activeShare: levels.activeShare },
    f0: pitch?.finish() ?? null,
    stereo: { sideToMidDb: gated.sideToMidDb, coherence: gated.coherence, correlation: correlation.value },
    onsetsPerSecond: onsets.perSecond(sampleRate),
    reverb: decays.finish(),
    noiseFloorDb: levels.noiseFloorDb,
    bandwidthHz,
    clippedSamples: clipped,
    dcOffset,
  };
}

/** Samples that are not numbers become silence, in place: the arrays are ours. */
function silenceBroken(channels: readonly Float32Array[]): void {
  for (const channel of channels) {
    for (let i = 0; i < channel.length; i += 1) if (!Number.isFinite(channel[i]!)) channel[i] = 0;
  }
}

class StereoCorrelation {
  #left = 0;
  #right = 0;
  #cross = 0;

  add(left: Float32Array, right: Float32Array): void {
    let [ll, rr, lr] = [0, 0, 0];
    for (let i = 0; i < left.length; i += 1) {
      const l = left[i]!;
      const r = right[i]!;
      ll += l * l;
      rr += r * r;
      lr += l * r;
    }
    this.#left += ll;
    this.#right += rr;
    this.#cross += lr;
  }

  /** 1 for mono and for silence. */
  get value(): number {
    const scale = Math.sqrt(this.#left * this.#right);
    return scale > 0 ? Math.max(-1, Math.min(1, this.#cross / scale)) : 1;
  }
}
