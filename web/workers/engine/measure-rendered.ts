/** Features and metrics of a rendered file: every number a person sees of a result is measured on its samples. */
import { analyzeFeatures } from '../../../wasm/analysis/analyze.ts';
import type { EngineBinary } from '../../../wasm/host/engine.ts';
import { alignRecordings } from '../../../wasm/inversion/alignment.ts';
import { measureArtifacts, measureNearness } from '../../../wasm/rendering/measure-result.ts';
import type { Storage } from '../../storage/contract.ts';
import { openPcm } from '../../storage/open-pcm.ts';
import { openPcmFile } from '../../storage/pcm-file.ts';
import { notingPeaks } from '../peak-columns.ts';
import type { WorkerTask } from '../rpc.ts';
import type { ArtifactsRequest, MeasuredRecording, Measurement, MeasureRequest } from './contract.ts';

/** Share of the work that analysis takes. */
const ANALYSIS_SHARE = 0.8;

export async function measureRendered(storage: Storage, engine: EngineBinary, request: MeasureRequest, { signal, onProgress }: WorkerTask): Promise<Measurement> {
  const { resultId, facts, style, target, reference } = request;
  const pcm = openPcmFile(await storage.bytes.open({ folder: 'results', id: resultId }), facts);
  const noted = notingPeaks(pcm);
  const features = await analyzeFeatures(noted.pcm, { engine, contentHash: resultId, f0: false, signal, onProgress: (fraction) => onProgress(ANALYSIS_SHARE * fraction) });
  const opened = async ({ id, features: measured }: MeasuredRecording) => ({ features: measured, pcm: await openPcm(storage, id) });
  const [targetAudio, referenceAudio] = await Promise.all([opened(target), reference && opened(reference)]);
  // A pair is compared moment by moment, and so has to lie on each other.
  const alignment = style.mode === 'A' && referenceAudio ? await alignRecordings(referenceAudio.pcm, targetAudio.pcm, { engine, signal }) : null;
  const nearness = await measureNearness({
    engine,
    mode: style.mode,
    result: { features, pcm },
    target: targetAudio,
    reference: referenceAudio,
    targetLufs: style.modules.lufs.enabled ? style.modules.lufs.values.targetDb : null,
    ...(alignment ? { delayFrames: alignment.delayFrames } : {}),
    signal,
    onProgress: (fraction) => onProgress(ANALYSIS_SHARE + (1 - ANALYSIS_SHARE) * fraction),
  });
  return { features, peaks: noted.peaks(), nearness };
}

export async function countArtifacts(storage: Storage, { resultId, facts, targetId }: ArtifactsRequest, { signal, onProgress }: WorkerTask): Promise<number> {
  const result = openPcmFile(await storage.bytes.open({ folder: 'results', id: resultId }), facts);
  return measureArtifacts(result, await openPcm(storage, targetId), signal, onProgress);
}
