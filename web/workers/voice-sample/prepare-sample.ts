/** Decoded recording -> mono -> 22.05 or 16 kHz -> cut -> light noise reduction -> one loudness -> WAV. */
import { throwIfAborted } from '../../../shared/errors.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import { dbToGain, gainToDb } from '../../../shared/units.ts';
import { activeFrames, readVoice, VOICE_FRAMES_PER_SECOND, VOICE_RATE_HZ } from '../../../wasm/analysis/voice-frames.ts';
import { programmeLoudness } from '../../../wasm/analysis/programme-loudness.ts';
import { createWavWriter, wavBytes } from '../../../wasm/formats/wav-writer.ts';
import type { Engine } from '../../../wasm/host/engine.ts';
import { Resampler } from '../../../wasm/host/resampler.ts';
import { bestStretch } from './best-stretch.ts';
import type { PreparedSample, SampleChoices, SampleLook, SampleMeasures, Stretch } from './contract.ts';
import { softenNoise } from './spectral-gate.ts';

/** Hz. Half of what speech models speak at is enough to know a voice by; telephone recordings have less. */
const FULL_RATE_HZ = 22_050;
/** LUFS and dBFS: as loud as a voice in a podcast, with room for peaks between samples. */
const TARGET_LUFS = -20;
const CEILING_DB = -1.5;
/** s. Longer recordings are looked through for the best stretch up to here. */
const MOST_LOOKED_SECONDS = 600;
const READ_FRAMES = 65_536;

/** Full scale, less a step of 16 bits. */
const CLIPPED = 0.9999;

interface Mono {
  readonly samples: Float32Array;
  readonly clippedSamples: number;
}

/** A stretch of the recording, folded to one channel at its own rate. */
async function readMono(pcm: PcmSource, { start, end }: Stretch, signal?: AbortSignal): Promise<Mono> {
  const first = Math.max(0, Math.min(pcm.frames, Math.round(start * pcm.sampleRate)));
  const frames = Math.max(0, Math.min(pcm.frames, Math.round(end * pcm.sampleRate)) - first);
  const samples = new Float32Array(frames);
  let clippedSamples = 0;
  for (let done = 0; done < frames; ) {
    throwIfAborted(signal);
    const [left, right = left] = await pcm.read(first + done, Math.min(READ_FRAMES, frames - done));
    if (!left?.length) break;
    for (let i = 0; i < left.length; i += 1) {
      const [l, r] = [left[i]!, right![i]!];
      if (Math.abs(l) >= CLIPPED || Math.abs(r) >= CLIPPED) clippedSamples += 1;
      samples[done + i] = Number.isFinite(l + r) ? 0.5 * (l + r) : 0;
    }
    done += left.length;
  }
  return { samples, clippedSamples };
}

const resampled = (engine: Engine, samples: Float32Array, from: number, to: number): Float32Array => (from === to ? samples : new Resampler(engine, from, to).resampleAll(samples));

function loudnessOf(engine: Engine, samples: Float32Array, sampleRate: number): number | null {
  const blocks: number[] = [];
  engine.createMeter('loudness', sampleRate).process(samples, samples, (values) => blocks.push(...values));
  return programmeLoudness(blocks).integratedLufs;
}

/** How long it is and where most is said. */
export async function lookAt(pcm: PcmSource, engine: Engine, signal?: AbortSignal): Promise<SampleLook> {
  const seconds = pcm.frames / pcm.sampleRate;
  const { samples } = await readMono(pcm, { start: 0, end: Math.min(seconds, MOST_LOOKED_SECONDS) }, signal);
  const voice = resampled(engine, samples, pcm.sampleRate, VOICE_RATE_HZ);
  const best = voice.length < VOICE_RATE_HZ ? null : bestStretch(readVoice(engine, voice).active);
  return { seconds, channels: pcm.channels, best: best && { start: best.start, end: Math.min(seconds, best.end) } };
}

/** What a stretch is like as it is. */
export async function measureStretch(pcm: PcmSource, engine: Engine, stretch: Stretch, signal?: AbortSignal): Promise<SampleMeasures> {
  const { samples, clippedSamples } = await readMono(pcm, stretch, signal);
  const seconds = samples.length / pcm.sampleRate;
  const sampleRate = rateFor(pcm);
  const bytes = wavBytes({ sampleRate, channels: 1, bitDepth: '16', frames: Math.ceil((samples.length * sampleRate) / pcm.sampleRate) });
  if (seconds < 0.5) return { seconds, speechSeconds: 0, channels: pcm.channels, integratedLufs: null, signalToNoiseDb: null, clippedSamples, bytes };
  const { levelDb } = readVoice(engine, resampled(engine, samples, pcm.sampleRate, VOICE_RATE_HZ));
  const active = activeFrames(levelDb);
  const mean = (wanted: 0 | 1): number | null => {
    const powers = Array.from(levelDb).filter((_, frame) => active[frame] === wanted).map((db) => dbToGain(db) ** 2);
    return powers.length < 0.2 * VOICE_FRAMES_PER_SECOND ? null : 0.5 * gainToDb(powers.reduce((sum, value) => sum + value, 0) / powers.length);
  };
  const [pauses, speech] = [mean(0), mean(1)];
  return {
    seconds,
    speechSeconds: active.reduce((sum, value) => sum + value, 0) / VOICE_FRAMES_PER_SECOND,
    channels: pcm.channels,
    integratedLufs: loudnessOf(engine, samples, pcm.sampleRate),
    signalToNoiseDb: pauses === null || speech === null ? null : speech - pauses,
    clippedSamples,
    bytes,
  };
}

const rateFor = (pcm: PcmSource): number => (pcm.sampleRate >= FULL_RATE_HZ ? FULL_RATE_HZ : VOICE_RATE_HZ);

/** The sample as it is given away. The same recording and choices give the same bytes. */
export async function prepareSample(pcm: PcmSource, engine: Engine, choices: SampleChoices, signal?: AbortSignal): Promise<PreparedSample> {
  const sampleRate = rateFor(pcm);
  const { samples: read } = await readMono(pcm, choices, signal);
  let samples = Float32Array.from(resampled(engine, read, pcm.sampleRate, sampleRate));
  if (choices.isDenoised) samples = softenNoise(engine, samples);
  if (choices.isNormalised) samples = levelledTo(samples, loudnessOf(engine, samples, sampleRate));
  throwIfAborted(signal);
  const format = { sampleRate, channels: 1, bitDepth: '16', frames: samples.length } as const;
  const wav = new Uint8Array(wavBytes(format));
  let at = 0;
  const writer = await createWavWriter(
    {
      write: (bytes) => {
        wav.set(bytes, at);
        at += bytes.length;
        return Promise.resolve();
      },
    },
    format,
  );
  await writer.write([samples]);
  await writer.finish();
  return { wav, sampleRate, seconds: samples.length / sampleRate };
}

/** Louder or softer to the target, as far as the peaks allow. */
function levelledTo(samples: Float32Array, lufs: number | null): Float32Array<ArrayBuffer> {
  const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const gain = lufs === null || peak === 0 ? 1 : Math.min(dbToGain(TARGET_LUFS - lufs), dbToGain(CEILING_DB) / peak);
  return Float32Array.from(samples, (value) => gain * value);
}
