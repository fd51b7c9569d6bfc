/** One render with its files: scratch, result, checkpoints. */
import type { PcmSink, PcmSource } from '../../../shared/pcm.ts';
import type { EngineBinary } from '../../../wasm/host/engine.ts';
import type { FinishSettings } from '../../../wasm/rendering/checkpoint.ts';
import { render, type RenderCheckpoint, type RenderReport, settle } from '../../../wasm/rendering/render.ts';
import type { SegmentPool } from '../../../wasm/rendering/segment-task.ts';
import type { ByteWriter, CheckpointRecord, Storage } from '../../storage/contract.ts';
import { interleave, pcmFileBytes } from '../../storage/pcm-file.ts';
import type { WorkerTask } from '../rpc.ts';
import type { RenderRequest, SettleRequest } from './contract.ts';
import { fileScratch } from './file-scratch.ts';

export interface RenderTools {
  readonly engine: EngineBinary;
  readonly segments: SegmentPool | null;
  readonly nowMs: () => number;
  /** s; left out: the renderer's own defaults. */
  readonly chunkSeconds?: number;
  readonly checkpointSeconds?: number;
}

/** The checkpoint, if the files it speaks of are still there. */
async function usableCheckpoint({ documents, bytes }: Storage, { jobId, resultId }: RenderRequest): Promise<CheckpointRecord | null> {
  const record = await documents.get('checkpoints', jobId);
  if (!record) return null;
  const { checkpoint, channels } = record;
  const files = new Map((await bytes.list()).map((file) => [`${file.folder}/${file.id}`, file.bytes]));
  const scratchBytes = files.get(`scratch/${jobId}`) ?? -1;
  const needed = pcmFileBytes(checkpoint.frame, channels);
  const isThere = checkpoint.stage === 'body' ? scratchBytes >= needed : scratchBytes >= 0 && (files.get(`results/${resultId}`) ?? -1) >= needed;
  return isThere ? record : null;
}

export async function renderJob(storage: Storage, pcm: PcmSource, request: RenderRequest, tools: RenderTools, task: WorkerTask): Promise<RenderReport> {
  const { bytes, documents } = storage;
  const { jobId, resultId, style } = request;
  const resultName = { folder: 'results', id: resultId } as const;
  const scratchName = { folder: 'scratch', id: jobId } as const;
  const record = await usableCheckpoint(storage, request);
  const checkpoint = record?.checkpoint ?? null;
  const scratchBytes = record ? (await bytes.open(scratchName)).bytes : 0;
  const scratch = fileScratch(bytes, scratchName, record && { channels: record.channels, frames: scratchBytes / pcmFileBytes(1, record.channels) });

  let writer: ByteWriter | undefined;
  let channels: 1 | 2 = record?.channels ?? pcm.channels;
  const sink: PcmSink = {
    async write(rows) {
      channels = rows.length === 1 ? 1 : 2;
      writer ??= await bytes.writer(resultName, checkpoint?.stage === 'finish' ? pcmFileBytes(checkpoint.frame, channels) : 0);
      await writer.write(interleave(rows));
    },
    async restart() {
      await writer?.close();
      writer = await bytes.writer(resultName, 0);
    },
  };

  async function keep(made: RenderCheckpoint): Promise<void> {
    // Bytes first, then the fact.
    if (made.stage === 'body') await scratch.flush();
    else await writer?.flush();
    await documents.put('checkpoints', { id: jobId, checkpoint: made, channels: scratch.channels ?? channels, savedMs: tools.nowMs() });
  }

  try {
    return await render(pcm, style, {
      engine: tools.engine,
      sink,
      scratch,
      checkpoint,
      onCheckpoint: keep,
      signal: task.signal,
      onProgress: (fraction, segment) => task.onProgress(fraction, segment),
      segments: tools.segments,
      ...(tools.chunkSeconds === undefined ? {} : { chunkSeconds: tools.chunkSeconds }),
      ...(tools.checkpointSeconds === undefined ? {} : { checkpointSeconds: tools.checkpointSeconds }),
    });
  } finally {
    await writer?.close().catch(() => undefined);
    await scratch.close().catch(() => undefined);
  }
}

/** The decisions of a render without its result. */
export const settleJob = ({ bytes }: Storage, pcm: PcmSource, { previewId, style }: SettleRequest, engine: EngineBinary, { signal }: WorkerTask): Promise<FinishSettings> =>
  settle(pcm, style, { engine, scratch: fileScratch(bytes, { folder: 'scratch', id: previewId }, null), signal });
