/// <reference lib="webworker" />
import { statisticsEncoder } from '../../../wasm/analysis/speaker-embedding.ts';
import { openEngine } from '../../../wasm/host/engine.ts';
import { speakerProjection } from '../../../wasm/models/speaker/projection.ts';
import { openPcm } from '../../storage/open-pcm.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { engineBinary } from '../engine-binary.ts';
import { serve, transferring } from '../rpc.ts';
import type { VoiceSampleMethods } from './contract.ts';
import { lookAt, measureStretch, prepareSample } from './prepare-sample.ts';

const freshEngine = async () => openEngine(await engineBinary());
const pcmOf = async (recordingId: string) => openPcm(await openStorage(), recordingId);

const methods: VoiceSampleMethods = {
  look: async ({ recordingId }, { signal }) => lookAt(await pcmOf(recordingId), await freshEngine(), signal),
  measure: async ({ recordingId, start, end }, { signal }) => measureStretch(await pcmOf(recordingId), await freshEngine(), { start, end }, signal),
  async prepare({ recordingId, choices }, { signal }) {
    const prepared = await prepareSample(await pcmOf(recordingId), await freshEngine(), statisticsEncoder(freshEngine, speakerProjection()), choices, signal);
    return transferring(prepared, [prepared.wav.buffer]);
  },
};

serve(methods);
