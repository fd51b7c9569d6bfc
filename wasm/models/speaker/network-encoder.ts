/** A speaker encoder that is a network: what it is fed with is made here, the network itself is run by who opened it. */
import { AppError } from '../../../shared/errors.ts';
import { EMBEDDING_DIMENSIONS } from '../../../shared/api/embeddings.ts';
import { type SpeakerEncoderManifest, versionOf } from '../../../shared/speaker-encoder-manifest.ts';
import { embeddingHash, normalised, type SpeakerEncoder, voiceSamples } from '../../analysis/speaker-embedding.ts';
import { activeFrames, readVoice, VOICE_FRAMES_PER_SECOND, VOICE_RATE_HZ } from '../../analysis/voice-frames.ts';
import type { Engine } from '../../host/engine.ts';
import { Resampler } from '../../host/resampler.ts';
import { filterBank } from './filter-bank.ts';

/** One run of the network: a tensor of float32 in, the values of its output out. */
export type RunNetwork = (input: Float32Array<ArrayBuffer>, dimensions: readonly number[]) => Promise<ArrayLike<number>>;

const LEAST_SPEECH_SECONDS = 1;

/** @throws (embed) AppError 'encoder/failed' where the network gives something else than the manifest says */
export const networkEncoder = (openEngine: () => Promise<Engine>, manifest: SpeakerEncoderManifest, run: RunNetwork): SpeakerEncoder => ({
  version: versionOf(manifest),
  async embed(pcm, signal) {
    const engine = await openEngine();
    const voice = await voiceSamples(pcm, engine, signal);
    const speech = activeFrames(readVoice(engine, voice).levelDb).reduce((sum, active) => sum + active, 0) / VOICE_FRAMES_PER_SECOND;
    if (speech < LEAST_SPEECH_SECONDS) throw new AppError('audio/too-short', { seconds: Number(speech.toFixed(2)), minimum: LEAST_SPEECH_SECONDS });
    const { features, rate_hz: rateHz } = manifest.input;
    const samples = rateHz === VOICE_RATE_HZ ? voice : Float32Array.from(new Resampler(engine, VOICE_RATE_HZ, rateHz).resampleAll(voice));
    const values = features.kind === 'waveform' ? await run(Float32Array.from(samples), [1, samples.length]) : await runOnRows(engine, samples, rateHz, features, run);
    if (values.length !== EMBEDDING_DIMENSIONS) throw new AppError('encoder/failed', { detail: `it gave ${values.length} values, not ${EMBEDDING_DIMENSIONS}` });
    const vector = normalised(values);
    return { version: versionOf(manifest), vector, hash: await embeddingHash(vector) };
  },
});

function runOnRows(engine: Engine, samples: Float32Array, rateHz: number, features: Parameters<typeof filterBank>[3], run: RunNetwork): Promise<ArrayLike<number>> {
  const { count, rows } = filterBank(engine, samples, rateHz, features);
  return run(rows, [1, count, features.bands]);
}
