/** The speaker encoder that a server names: its manifest, its file, its network. */
import { AppError, throwIfAborted, toAppError } from '../../../shared/errors.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import { modelAddress, readSpeakerEncoderManifest, type SpeakerEncoderManifest } from '../../../shared/speaker-encoder-manifest.ts';
import type { SpeakerEmbedding, SpeakerEncoder } from '../../../wasm/analysis/speaker-embedding.ts';
import type { Engine } from '../../../wasm/host/engine.ts';
import { networkEncoder } from '../../../wasm/models/speaker/network-encoder.ts';
import type { ByteStore, FileName } from '../../storage/contract.ts';
import type { WorkerTask } from '../rpc.ts';
import type { SamplePrint } from './contract.ts';
import { forgetOtherModels, storedModel } from './model-store.ts';

export interface EncoderParts {
  /** Absolute. */
  readonly manifestUrl: string;
  readonly bytes: ByteStore;
  /** Bytes that may still be written; Infinity: not known. */
  readonly room?: () => Promise<number>;
  readonly fetch: typeof fetch;
  readonly openEngine: () => Promise<Engine>;
  /** Where the runtime's WebAssembly lies; null: beside its package. */
  readonly runtimeUrl: () => Promise<string | null>;
  /** A file that two tabs want is fetched by one of them. */
  readonly alone?: <T>(name: string, signal: AbortSignal, work: () => Promise<T>) => Promise<T>;
}

const MOST_MANIFEST_BYTES = 64 * 1024;
const MANIFEST_MS = 15_000;
/** The manifest as it was last read: without a network the model that is here is still the server's. */
const LAST: FileName = { folder: 'models', id: 'manifest.json' };

/** @throws AppError 'network/unavailable' where it cannot be asked for now, 'encoder/manifest' where it is not there or wrong */
async function fetchManifest({ manifestUrl, fetch }: EncoderParts, signal: AbortSignal): Promise<string> {
  const unreachable = (cause: unknown): never => {
    throw new AppError('network/unavailable', {}, { cause });
  };
  const answer = await fetch(manifestUrl, { signal: AbortSignal.any([signal, AbortSignal.timeout(MANIFEST_MS)]), credentials: 'omit' }).catch(unreachable);
  if (answer.status >= 500 || answer.status === 429) unreachable(answer.status);
  if (!answer.ok) throw new AppError('encoder/manifest', { detail: `the server answers ${answer.status}` });
  return answer.text().catch(unreachable);
}

function parseManifest(text: string): SpeakerEncoderManifest {
  if (text.length > MOST_MANIFEST_BYTES) throw new AppError('encoder/manifest', { detail: 'it is too long' });
  try {
    return readSpeakerEncoderManifest(JSON.parse(text));
  } catch (cause) {
    throw cause instanceof AppError ? cause : new AppError('encoder/manifest', { detail: 'it is not JSON' }, { cause });
  }
}

interface Kept {
  readonly manifestUrl: string;
  readonly text: string;
}

async function keepManifest(bytes: ByteStore, kept: Kept): Promise<void> {
  const writer = await bytes.writer(LAST);
  await writer.write(new TextEncoder().encode(JSON.stringify(kept))).finally(() => writer.close());
}

/** As the server has it now, or, without a network, as it had it when it was last asked at this address. */
async function readManifest(parts: EncoderParts, signal: AbortSignal): Promise<SpeakerEncoderManifest> {
  const { bytes, manifestUrl } = parts;
  try {
    const text = await fetchManifest(parts, signal);
    const manifest = parseManifest(text);
    // Kept if it can be: another tab may be at it, the device may be full.
    await keepManifest(bytes, { manifestUrl, text }).catch(() => undefined);
    return manifest;
  } catch (thrown) {
    throwIfAborted(signal);
    if (!(thrown instanceof AppError) || thrown.code !== 'network/unavailable') throw thrown;
    const kept = await bytes.blob(LAST).then((blob) => blob.text()).then((json) => JSON.parse(json) as Kept).catch(() => null);
    if (kept?.manifestUrl !== manifestUrl) throw thrown;
    return parseManifest(kept.text);
  }
}

/** @throws AppError 'encoder/*', 'network/unavailable', 'storage/full', 'job/cancelled' */
export async function openServerEncoder(parts: EncoderParts, task: WorkerTask): Promise<SpeakerEncoder & { close(): Promise<void> }> {
  const manifest = await readManifest(parts, task.signal);
  const { bytes, sha256 } = manifest.model;
  const fetched = () => storedModel(parts, { url: modelAddress(manifest, parts.manifestUrl), bytes, sha256 }, task);
  const model = await (parts.alone ? parts.alone(`tonetwin-model-${sha256}`, task.signal, fetched) : fetched());
  await forgetOtherModels(parts.bytes, [sha256, LAST.id]);
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
