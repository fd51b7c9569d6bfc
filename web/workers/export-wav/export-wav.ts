/** A result or a recording as a WAV or FLAC file in the store, kept until storage is cleaned. */
import { throwIfAborted } from '../../../shared/errors.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import { createFlacWriter, type FlacWriter } from '../../../wasm/formats/flac-writer.ts';
import { createWavWriter, wavBytes, type WavWriter } from '../../../wasm/formats/wav-writer.ts';
import type { WavBitDepth } from '../../jobs/contract.ts';
import type { ByteStore, ByteWriter, FileName } from '../../storage/contract.ts';
import type { WorkerTask } from '../rpc.ts';

const CHUNK_FRAMES = 262144;

export async function exportWav(bytes: ByteStore, resultId: string, pcm: PcmSource, bitDepth: WavBitDepth, task: WorkerTask): Promise<FileName> {
  const name: FileName = { folder: 'exports', id: `${resultId}-${bitDepth}.wav` };
  const format = { sampleRate: pcm.sampleRate, channels: pcm.channels, frames: pcm.frames, bitDepth };
  // The same result gives the same file: a finished one is used again.
  const existing = (await bytes.list()).find(({ folder, id }) => folder === name.folder && id === name.id);
  if (existing?.bytes === wavBytes(format)) return name;
  return exportFile(bytes, name, pcm, task, (writer) => createWavWriter(writer, format));
}

/** As FLAC of 24 bits, written anew each time: what it will be long is not known before. */
export const exportFlac = (bytes: ByteStore, id: string, pcm: PcmSource, task: WorkerTask): Promise<FileName> =>
  exportFile(bytes, { folder: 'exports', id: `${id}.flac` }, pcm, task, (writer) =>
    createFlacWriter(writer, { sampleRate: pcm.sampleRate, channels: pcm.channels, frames: pcm.frames }),
  );

/** Nothing is left behind where it fails. */
async function exportFile(bytes: ByteStore, name: FileName, pcm: PcmSource, { signal, onProgress }: WorkerTask, open: (writer: ByteWriter) => Promise<WavWriter | FlacWriter>): Promise<FileName> {
  const writer = await bytes.writer(name);
  try {
    const file = await open(writer);
    for (let frame = 0; frame < pcm.frames; frame += CHUNK_FRAMES) {
      throwIfAborted(signal);
      await file.write(await pcm.read(frame, CHUNK_FRAMES));
      onProgress(Math.min(1, (frame + CHUNK_FRAMES) / pcm.frames));
    }
    await file.finish();
    await writer.close();
    return name;
  } catch (thrown) {
    await writer.close().catch(() => undefined);
    await bytes.remove(name);
    throw thrown;
  }
}
