/// <reference lib="webworker" />
import { analyzeFeatures } from '../../../wasm/analysis/analyze.ts';
import { alignRecordings } from '../../../wasm/inversion/alignment.ts';
import { invertParams } from '../../../wasm/inversion/invert.ts';
import { openPcm } from '../../storage/open-pcm.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { openPcmFile } from '../../storage/pcm-file.ts';
import { engineBinary } from '../engine-binary.ts';
import { serve } from '../rpc.ts';
import type { EngineMethods } from './contract.ts';

const methods: EngineMethods = {
  async analyze({ recordingId, f0 }, { signal, onProgress }) {
    const storage = await openStorage();
    return analyzeFeatures(await openPcm(storage, recordingId), { engine: await engineBinary(), contentHash: recordingId, f0, signal, onProgress });
  },
  async align({ referenceId, targetId }, { signal }) {
    const storage = await openStorage();
    const [reference, target] = await Promise.all([openPcm(storage, referenceId), openPcm(storage, targetId)]);
    return alignRecordings(reference, target, { engine: await engineBinary(), signal });
  },
  async invert({ referenceId, targetId, options, referenceFeatures, targetFeatures }, { signal, onProgress }) {
    const storage = await openStorage();
    const [reference, target] = await Promise.all([openPcm(storage, referenceId), openPcm(storage, targetId)]);
    return invertParams({ features: referenceFeatures, pcm: reference }, { features: targetFeatures, pcm: target }, { ...options, engine: await engineBinary(), signal, onProgress });
  },
  async measure({ resultId, facts, target, reference }, { signal, onProgress }) {
    const storage = await openStorage();
    const engine = await engineBinary();
    const pcm = openPcmFile(await storage.bytes.open({ folder: 'results', id: resultId }), facts);
    const features = await analyzeFeatures(pcm, { engine, contentHash: resultId, f0: false, signal, onProgress: (fraction) => onProgress(0.6 * fraction) });
    // Distances come with wasm/rendering/measure-result.ts.
    const { integratedLufs } = features.loudness;
    const wanted = reference?.features.loudness.integratedLufs ?? target.features.loudness.integratedLufs;
    const lufsErr = integratedLufs === null || wanted === null || wanted === undefined ? null : integratedLufs - wanted;
    const metrics = { stftDist: null, melDist: null, lufsErr, tpDb: features.truePeakDbtp, artifactsRate: 0, ltasErrorDb: null, ltasErrorBeforeDb: null };
    return { features, metrics };
  },
};

serve(methods);
