import type { Mode, Style } from '../../shared/style.ts';
import { pcmFromArrays } from '../../shared/pcm.ts';
import { invertParams } from '../../wasm/inversion/invert.ts';
import { measure } from './analyze.ts';
import { engineBinary } from './engine.ts';

/** The style between two short recordings in memory. */
export async function invert(
  reference: readonly Float32Array[],
  target: readonly Float32Array[],
  sampleRate: number,
  { mode = 'B', pitch = false, residualFir = false, referenceRate = sampleRate }: { mode?: Mode; pitch?: boolean; residualFir?: boolean; referenceRate?: number } = {},
): Promise<Style> {
  const measured = async (channels: readonly Float32Array[], rate: number) => ({
    pcm: pcmFromArrays(channels, rate),
    features: await measure(channels, rate, { f0: pitch }),
  });
  return invertParams(await measured(reference, referenceRate), await measured(target, sampleRate), {
    engine: await engineBinary(),
    mode,
    pitch,
    ceilingDbtp: -1,
    residualFir,
  });
}
