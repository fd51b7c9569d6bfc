/** The speaker encoder that a server names: its manifest, its file, its network. */
import { AppError, throwIfAborted, toAppError } from '../../../shared/errors.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import { modelAddress, readSpeakerEncoderManifest, type SpeakerEncoderManifest } from '../../../shared/speaker-encoder-manifest.ts';
import type { SpeakerEmbedding, SpeakerEncoder } from '../../../wasm/analysis/speaker-embedding.ts';
import type { Engine } from '../../../wasm/host/engine.ts';
import { networkEncoder } from '../../../wasm/models/speaker/network-encoder.ts';
import type { ByteStore } from '../../storage/contract.ts';
import type { WorkerTask } from '../rpc.ts';
import type { SamplePrint } from './contract.ts';
import { forgetOtherModels, storedModel } from './model-store.ts';

export interface EncoderParts {
  /** Absolute. */
  readonly manifestUrl: string;
  readonly bytes: ByteStore;
  readonly fetch: typeof fetch;
  readonly openEngine: () => Promise<Engine>;
  /** Where the runtime's WebAssembly lies; null: beside its package. */
  readonly runtimeUrl: () => Promise<string | null>;
  /** A file that two tabs want is fetched by one of them. */
  readonly alone?: <T>(name: string, signal: AbortSignal, work: () => Promise<T>) => Promise<T>;
}

const MOST_MANIFEST_BYTES = 64 * 1024;

async function readManifest({ manifestUrl, fetch }: EncoderParts, signal: AbortSignal): Promise<SpeakerEncoderManifest> {
  const answer = await fetch(manifestUrl, { signal, credentials: 'omit' }).catch((cause: unknown) => {
    throw new AppError('network/unavailable', {}, { cause });
  });
  if (!answer.ok) throw new AppError('encoder/manifest', { detail: `the server answers ${answer.status}` });
  const text = await answer.text();
  if (text.length > MOST_MANIFEST_BYTES) throw new AppError('encoder/manifest', { detail: 'it is too long' });
  try {
    return readSpeakerEncoderManifest(JSON.parse(text));
  } catch (cause) {
    throw cause instanceof AppError ? cause : new AppError('encoder/manifest', { detail: 'it is not JSON' }, { cause });
  }
}

/** @throws AppError 'encoder/*', 'network/unavailable', 'storage/full', 'job/cancelled' */
export async function openServerEncoder(parts: EncoderParts, task: WorkerTask): Promise<SpeakerEncoder & { close(): Promise<void> }> {
  const manifest = await readManifest(parts, task.signal);
  const { bytes, sha256 } = manifest.model;
  const fetched = () => storedModel(parts, { url: modelAddress(manifest, parts.manifestUrl), bytes, sha256 }, task);
  const model = await (parts.alone ? parts.alone(`tonetwin-model-${sha256}`, task.signal, fetched) : fetched());
  await forgetOtherModels(parts.bytes, sha256);
  // 14 MB of runtime and 70 kB of code that nobody needs where no encoder is named.
  const { openNetwork } = await import('./onnx-network.ts');
  const network = await openNetwork(model, { input: manifest.input.name, output: manifest.output.name }, await parts.runtimeUrl());
  return { ...networkEncoder(parts.openEngine, manifest, network.run), close: network.close };
}

/**
 * By the server's encoder; by the engine's own where that cannot be had, and why is said.
 * @param own  the engine's own, of the same sample
 * @throws AppError what is wrong with the sample, or 'job/cancelled': no other encoder would mend it
 */
export async function embedByServer(pcm: PcmSource, parts: EncoderParts, task: WorkerTask, own: () => Promise<SpeakerEmbedding>): Promise<SamplePrint> {
  try {
    const encoder = await openServerEncoder(parts, task);
    try {
      return { embedding: await encoder.embed(pcm, task.signal), encoderError: null };
    } finally {
      await encoder.close();
    }
  } catch (thrown) {
    throwIfAborted(task.signal);
    const error = toAppError(thrown);
    if (error.code.startsWith('audio/')) throw error;
    return { embedding: await own(), encoderError: error.toBody() };
  }
}
