/** The audio of a take, read in place from its journal: nothing is written, so a full device plays it too. */
import type { PcmSource } from '../../shared/pcm.ts';
import type { TakeTrim } from '../../shared/takes.ts';
import { openTakeJournal } from '../../wasm/formats/take-journal/journal-reader.ts';
import { hasSeveralRates, type Resample, takePcm } from '../../wasm/formats/take-journal/take-pcm.ts';
import type { ByteSource } from '../../wasm/formats/byte-source.ts';
import type { ByteStore } from './contract.ts';
import { openTakeBytes } from './take-bytes.ts';

/** Only a take whose device changed its rate needs the engine. */
async function engineResampler(): Promise<Resample> {
  const [{ engineBinary }, { openEngine }, { resamplePcm }] = await Promise.all([
    import('../workers/engine-binary.ts'), import('../../wasm/host/engine.ts'), import('../../wasm/host/resampler.ts'),
  ]);
  const engine = await openEngine(await engineBinary());
  return (pcm, toHz) => resamplePcm(pcm, toHz, engine);
}

/** @throws AppError 'storage/missing', 'audio/empty' when not one frame is safe, 'audio/not-audio' when it is no journal */
export const openTake = async (bytes: ByteStore, takeId: string, trim: TakeTrim | null): Promise<PcmSource> => openTakeSource(await openTakeBytes(bytes, takeId), trim);

/** Of a journal wherever it lies. @throws AppError 'audio/empty', 'audio/not-audio' */
export async function openTakeSource(source: ByteSource, trim: TakeTrim | null): Promise<PcmSource> {
  const journal = await openTakeJournal(source);
  return takePcm(journal, trim, hasSeveralRates(journal.segments) ? await engineResampler() : null);
}
