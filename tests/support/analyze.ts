import { pcmFromArrays } from '../../shared/pcm.ts';
import type { Features } from '../../shared/features.ts';
import { analyzeFeatures, type AnalyzeOptions } from '../../wasm/analysis/analyze.ts';
import { engineBinary } from './engine.ts';

/** Features of short material in memory. */
export const measure = async (channels: readonly Float32Array[], sampleRate: number, options: Partial<AnalyzeOptions> = {}): Promise<Features> =>
  analyzeFeatures(pcmFromArrays(channels, sampleRate), { engine: await engineBinary(), contentHash: '0'.repeat(64), ...options });
