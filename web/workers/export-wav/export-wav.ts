/** A result as a WAV file in the store, made once and kept until storage is cleaned. */
import { throwIfAborted } from '../../../shared/errors.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import { createWavWriter, wavBytes } from '../../../wasm/formats/wav-writer.ts';
import type { WavBitDepth } from '../../jobs/contract.ts';
import type { ByteStore, FileName } from '../../storage/contract.ts';
import type { WorkerTask } from '../rpc.ts';

const CHUNK_FRAMES = 262144;

export async function exportWav(bytes: ByteStore, resultId: string, pcm: PcmSource, bitDepth: WavBitDepth, { signal, onProgress }: WorkerTask): Promise<FileName> {
  const name: FileName = { folder: 'exports', id: `${resultId}-${bitDepth}.wav` };
  const format = { sampleRate: pcm.sampleRate, channels: pcm.channels, frames: pcm.frames, bitDepth };
  // The same result gives the same file: a finished one is used again.
  const existing = (await bytes.list()).find(({ folder, id }) => folder === name.folder && id === name.id);
  if (existing?.bytes === wavBytes(format)) return name;
  const writer = await bytes.writer(name);
  try {
    const wav = await createWavWriter(writer, format);
    for (let frame = 0; frame < pcm.frames; frame += CHUNK_FRAMES) {
      throwIfAborted(signal);
      await wav.write(await pcm.read(frame, CHUNK_FRAMES));
      onProgress(Math.min(1, (frame + CHUNK_FRAMES) / pcm.frames));
    }
    await wav.finish();
    await writer.close();
    return name;
  } catch (thrown) {
    await writer.close().catch(() => undefined);
    await bytes.remove(name);
    throw thrown;
  }
}
