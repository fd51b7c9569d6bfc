/// <reference lib="webworker" />
import { analyzeFeatures } from '../../../wasm/analysis/analyze.ts';
import { alignRecordings } from '../../../wasm/inversion/alignment.ts';
import { invertParams } from '../../../wasm/inversion/invert.ts';
import { openPcm } from '../../storage/open-pcm.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { engineBinary } from '../engine-binary.ts';
import { notingPeaks } from '../peak-columns.ts';
import { serve } from '../rpc.ts';
import type { EngineMethods } from './contract.ts';
import { countArtifacts, measureRendered } from './measure-rendered.ts';
import { startTrials } from './trials.ts';

const methods: EngineMethods = {
  async analyze({ recordingId, f0 }, { signal, onProgress }) {
    const { pcm, peaks } = notingPeaks(await openPcm(await openStorage(), recordingId));
    const features = await analyzeFeatures(pcm, { engine: await engineBinary(), contentHash: recordingId, f0, signal, onProgress });
    return { features, peaks: peaks() };
  },
  async align({ referenceId, targetId }, { signal }) {
    const storage = await openStorage();
    const [reference, target] = await Promise.all([openPcm(storage, referenceId), openPcm(storage, targetId)]);
    return alignRecordings(reference, target, { engine: await engineBinary(), signal });
  },
  async invert({ referenceId, targetId, options, referenceFeatures, targetFeatures }, { signal, onProgress }) {
    const storage = await openStorage();
    const [reference, target] = await Promise.all([openPcm(storage, referenceId), openPcm(storage, targetId)]);
    const trials = options.mode === 'A' ? startTrials(signal) : null;
    try {
      return await invertParams({ features: referenceFeatures, pcm: reference }, { features: targetFeatures, pcm: target }, { ...options, engine: await engineBinary(), trials, signal, onProgress });
    } finally {
      trials?.close();
    }
  },
  async measure(request, task) {
    return measureRendered(await openStorage(), await engineBinary(), request, task);
  },
  async artifacts(request, task) {
    return countArtifacts(await openStorage(), request, task);
  },
};

serve(methods);
