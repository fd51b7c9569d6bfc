/// <reference lib="webworker" />
/** The recorder of the journal worker with a watch in its hand: when pieces come, and when their blocks are in the file. */
import type { CaptureNews } from '../../../../web/audio/capture/messages.ts';
import { openStorage } from '../../../../web/storage/open-storage.ts';
import type { ByteStore } from '../../../../web/storage/contract.ts';
import { removeTakeBytes } from '../../../../web/storage/take-bytes.ts';
import { TakeRecorder } from '../../../../web/workers/journal/take-recorder.ts';

const TAKE = 'stamped';
const transitMs: number[] = [];
const writeMs: number[] = [];
let frames = 0;
let missed = 0;

function stamped(bytes: ByteStore): ByteStore {
  return {
    ...bytes,
    async writer(name, position) {
      const writer = await bytes.writer(name, position);
      return {
        isImmediate: writer.isImmediate,
        get position() {
          return writer.position;
        },
        async write(more) {
          const start = performance.now();
          await writer.write(more);
          writeMs.push(performance.now() - start);
        },
        flush: () => writer.flush(),
        close: () => writer.close(),
      };
    },
  };
}

self.onmessage = async ({ data }: MessageEvent<{ readonly port: MessagePort; readonly sampleRate: number; readonly channels: 1 | 2 }>) => {
  const { bytes } = await openStorage();
  const recorder = await TakeRecorder.begin({ takeId: TAKE, name: '', startedMs: Date.now() }, { bytes: stamped(bytes), nowMs: () => Date.now(), mark: 1 });
  const processing = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  await recorder.openSegment({ index: 0, sampleRate: data.sampleRate, channels: data.channels, startedMs: Date.now(), deviceLabel: '', processing, why: 'started' }, false);
  let next = -1;
  data.port.onmessage = async ({ data: news }: MessageEvent<CaptureNews>) => {
    if (news.type === 'frames') {
      transitMs.push(Date.now() - news.atMs);
      if (next >= 0 && news.frame !== next) missed += news.frame - next;
      next = news.frame + news.rows[0]!.length;
      frames += news.rows[0]!.length;
      recorder.take(news);
      return;
    }
    await recorder.end({ endedMs: Date.now(), why: 'stopped' });
    await removeTakeBytes(bytes, TAKE);
    postMessage({ type: 'done', transitMs, writeMs, frames, missed });
  };
  postMessage({ type: 'ready' });
};
