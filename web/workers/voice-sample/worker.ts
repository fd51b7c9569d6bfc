/// <reference lib="webworker" />
import { statisticsEncoder } from '../../../wasm/analysis/speaker-embedding.ts';
import { byteSourceFromArray } from '../../../wasm/formats/byte-source.ts';
import { openWav } from '../../../wasm/formats/wav-reader.ts';
import { openEngine } from '../../../wasm/host/engine.ts';
import { speakerProjection } from '../../../wasm/models/speaker/projection.ts';
import { openPcm } from '../../storage/open-pcm.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { engineBinary } from '../engine-binary.ts';
import { serve, transferring } from '../rpc.ts';
import type { VoiceSampleMethods } from './contract.ts';
import { lookAt, measureStretch, prepareSample } from './prepare-sample.ts';
import { embedByServer, type EncoderParts } from './server-encoder.ts';

const freshEngine = async () => openEngine(await engineBinary());
const pcmOf = async (recordingId: string) => openPcm(await openStorage(), recordingId);

/** One tab at a time, where a browser lets them wait for each other. */
async function alone<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (!('locks' in navigator)) return work();
  const answers: T[] = [];
  await navigator.locks.request(name, { signal }, async () => void answers.push(await work()));
  return answers[0]!;
}

/** As the browser estimates it. */
async function room(): Promise<number> {
  const { quota, usage } = await navigator.storage.estimate();
  return quota === undefined || usage === undefined ? Infinity : quota - usage;
}

async function encoderParts(manifest: string): Promise<EncoderParts> {
  const { bytes } = await openStorage();
  const runtimeUrl = async () => new URL((await import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url')).default, self.location.origin).href;
  return { manifestUrl: new URL(manifest, self.location.origin).href, bytes, room, fetch: (...args) => fetch(...args), openEngine: freshEngine, runtimeUrl, alone };
}

const methods: VoiceSampleMethods = {
  look: async ({ recordingId }, { signal }) => lookAt(await pcmOf(recordingId), await freshEngine(), signal),
  measure: async ({ recordingId, start, end }, { signal }) => measureStretch(await pcmOf(recordingId), await freshEngine(), { start, end }, signal),
  async prepare({ recordingId, choices }, { signal }) {
    const prepared = await prepareSample(await pcmOf(recordingId), await freshEngine(), choices, signal);
    return transferring(prepared, [prepared.wav.buffer]);
  },
  async embed({ wav, encoder }, task) {
    const pcm = await openWav(byteSourceFromArray(wav));
    const own = () => statisticsEncoder(freshEngine, speakerProjection()).embed(pcm, task.signal);
    return encoder === null ? { embedding: await own(), encoderError: null } : embedByServer(pcm, await encoderParts(encoder), task, own);
  },
};

serve(methods);
