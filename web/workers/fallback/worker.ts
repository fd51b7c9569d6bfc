/// <reference lib="webworker" />
import type createCore from '@ffmpeg/core';
import scriptUrl from '@ffmpeg/core?url';
import wasmUrl from '@ffmpeg/core/wasm?url';
import { AppError } from '../../../shared/errors.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { createDecodedSink } from '../decode/decoded-sink.ts';
import { serve, type WorkerTask } from '../rpc.ts';
import { FALLBACK_LIMIT_MEGABYTES, type FallbackMethods } from './contract.ts';
import { createWavStream } from './wav-stream.ts';

const FOLDER = '/in';
const FILE = 'recording';
const DEVICE = '/dev/decoded';

/** Script and binary are files of their own: nothing of the core is part of our bundle. */
async function loadCore(): ReturnType<typeof createCore> {
  try {
    const script = (await import(/* @vite-ignore */ scriptUrl)) as { readonly default: typeof createCore };
    return await script.default({ mainScriptUrlOrBlob: `#${btoa(JSON.stringify({ wasmURL: new URL(wasmUrl, location.href).href }))}` });
  } catch (cause) {
    throw new AppError('network/unavailable', {}, { cause });
  }
}

/**
 * Runs the core directly rather than through its wrapper `@ffmpeg/ffmpeg`: the wrapper holds the whole output in memory, while
 * a device of our own takes it piece by piece. The input is mounted, not copied.
 * @param take the core's output, a WAV stream of float32
 */
async function decodeFile(file: Blob, take: (bytes: Uint8Array<ArrayBuffer>) => void, { onProgress }: WorkerTask): Promise<void> {
  const core = await loadCore();
  const { FS } = core;
  const device = FS.makedev(64, 1);
  FS.registerDevice(device, {
    open: () => undefined,
    close: () => undefined,
    read: () => 0,
    write: (_stream, heap, offset, length) => {
      // The heap's bytes are the core's again as soon as this returns.
      take(Uint8Array.from(heap.subarray(offset, offset + length)));
      return length;
    },
  });
  FS.mkdev(DEVICE, device);
  FS.mkdir(FOLDER);
  FS.mount(FS.filesystems.WORKERFS, { blobs: [{ name: FILE, data: file }] }, FOLDER);
  core.setProgress(({ progress }) => onProgress(Math.min(1, Math.max(0, progress))));
  core.setTimeout(-1);
  core.exec('-nostdin', '-v', 'error', '-i', `${FOLDER}/${FILE}`, '-map', '0:a:0', '-c:a', 'pcm_f32le', '-f', 'wav', '-bitexact', '-y', DEVICE);
}

const methods: FallbackMethods = {
  async decode({ recordingId }, task) {
    const { bytes } = await openStorage();
    const file = await bytes.blob({ folder: 'recordings', id: recordingId });
    const megabytes = Math.round(file.size / 1024 / 1024);
    if (megabytes > FALLBACK_LIMIT_MEGABYTES) throw new AppError('audio/too-large-for-fallback', { megabytes, limit: FALLBACK_LIMIT_MEGABYTES });
    const name = { folder: 'decoded', id: recordingId } as const;
    const writer = await bytes.writer(name);
    try {
      const sink = createDecodedSink(writer);
      const stream = createWavStream(sink);
      // The core calls without waiting; what storage says is heard when it has finished. A store that cannot write at once
      // gets its pieces then, which is why the size of the file is limited.
      let written: Promise<unknown> = Promise.resolve();
      await decodeFile(file, (piece) => {
        const taken = writer.isImmediate ? stream.take(piece) : written.then(() => stream.take(piece));
        written = Promise.all([written, taken]);
        written.catch(() => undefined);
      }, task);
      await written;
      if (sink.frames === 0) throw new AppError('audio/not-audio');
      const facts = await sink.finish([{ code: 'audio/fallback-decoder', args: {} }]);
      await writer.close();
      return facts;
    } catch (thrown) {
      await writer.close().catch(() => undefined);
      await bytes.remove(name);
      throw thrown;
    }
  },
};

serve(methods);
