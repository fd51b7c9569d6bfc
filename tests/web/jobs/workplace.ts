/// <reference types="node" />
/** The whole product behind the screens in one Node process: memory storage, and workers that are plain calls. */
import { createHash } from 'node:crypto';
import { AppError } from '../../../shared/errors.ts';
import { analyzeFeatures } from '../../../wasm/analysis/analyze.ts';
import { createWavWriter } from '../../../wasm/formats/wav-writer.ts';
import { alignRecordings } from '../../../wasm/inversion/alignment.ts';
import { invertParams } from '../../../wasm/inversion/invert.ts';
import type { Microphones } from '../../../web/audio/capture/microphones.ts';
import { locksOfPage } from '../../../web/jobs/locks.ts';
import type { Locks } from '../../../web/jobs/runner.ts';
import { createService, type RunningService, type ServiceParts } from '../../../web/jobs/service.ts';
import type { Channel } from '../../../web/storage/announcing.ts';
import type { Storage } from '../../../web/storage/contract.ts';
import { memoryStorage } from '../../../web/storage/memory/memory-storage.ts';
import { openPcm } from '../../../web/storage/open-pcm.ts';
import { writeArchive } from '../../../web/workers/archive/archive.ts';
import type { ArchiveMethods } from '../../../web/workers/archive/contract.ts';
import type { DecodeMethods } from '../../../web/workers/decode/contract.ts';
import { decodeRecording, type StreamDecoder } from '../../../web/workers/decode/decode-recording.ts';
import { keepFile } from '../../../web/workers/decode/keep-file.ts';
import { createDecodedSink } from '../../../web/workers/decode/decoded-sink.ts';
import type { EngineMethods } from '../../../web/workers/engine/contract.ts';
import { countArtifacts, measureRendered } from '../../../web/workers/engine/measure-rendered.ts';
import { exportFlac, exportWav } from '../../../web/workers/export-wav/export-wav.ts';
import type { ExportWavMethods } from '../../../web/workers/export-wav/contract.ts';
import type { FallbackMethods } from '../../../web/workers/fallback/contract.ts';
import { createJournalMethods } from '../../../web/workers/journal/journal-methods.ts';
import type { StretchRequest } from '../../../web/workers/passphrase/contract.ts';
import { stretch } from '../../../web/workers/passphrase/stretch.ts';
import type { RenderMethods } from '../../../web/workers/render/contract.ts';
import { renderJob, settleJob } from '../../../web/workers/render/render-job.ts';
import { measurePeaks, notingPeaks } from '../../../web/workers/peak-columns.ts';
import type { Task, WorkerClient, WorkerMethods, WorkerTask } from '../../../web/workers/rpc.ts';
import { engineBinary } from '../../support/engine.ts';
import { musicLike } from '../../support/signals.ts';
import { fakeMicrophones } from '../support/fake-microphones.ts';

const never = new AbortController().signal;

/** Calls without a worker; `calls` counts them by method. */
function direct<M>(methods: M, calls: Map<string, number>): WorkerClient<M> {
  return {
    call: (async (method: string, input: never, task: Task = {}) => {
      calls.set(method, (calls.get(method) ?? 0) + 1);
      const workerTask: WorkerTask = { signal: task.signal ?? never, onProgress: (fraction, segment = null) => task.onProgress?.(fraction, segment) };
      return (methods as WorkerMethods)[method]!(input, workerTask);
    }) as WorkerClient<M>['call'],
    terminate: () => undefined,
  };
}

/** 'fLaC' and then float32 mono at 44.1 kHz: what a compressed file is to these tests. */
const decodePretended: StreamDecoder = async (file, sink) => {
  const bytes = new Uint8Array(await file.arrayBuffer()).slice(4);
  await sink.write([new Float32Array(bytes.buffer)], 44_100, 0);
  return [];
};

export function pretendedFlac(samples: Float32Array, name = 'a.flac'): File {
  return new File([new TextEncoder().encode('fLaC'), new Uint8Array(samples.buffer as ArrayBuffer)], name);
}

export async function wavFile(channels: readonly Float32Array[], name: string, sampleRate = 44_100): Promise<File> {
  const parts: BlobPart[] = [];
  const format = { sampleRate, channels: channels.length as 1 | 2, frames: channels[0]!.length, bitDepth: '32f' } as const;
  const writer = await createWavWriter({ write: async (bytes) => void parts.push(bytes) }, format);
  await writer.write(channels);
  await writer.finish();
  return new File(parts, name);
}

export const musicFile = (seconds: number, seed: number, name = `music-${seed}.wav`): Promise<File> => wavFile(musicLike(seconds, 44_100, seed), name);

export interface Workplace {
  readonly service: RunningService;
  readonly storage: Storage;
  /** How often each worker method was called. */
  readonly calls: Map<string, number>;
}

export interface WorkplaceOptions {
  readonly storage?: Storage;
  readonly quotaBytes?: number;
  readonly nowMs?: () => number;
  readonly microphones?: Microphones;
  /** The same for several: tabs of one origin. */
  readonly locks?: Locks;
  readonly channel?: Channel;
  readonly usedBytes?: () => number;
  readonly backup?: ServiceParts['backup'];
  /** Called at every checkpoint of a render; what it throws ends the render there. */
  readonly onCheckpoint?: () => void;
}

export function openWorkplace(options: WorkplaceOptions = {}): Workplace {
  const storage = options.storage ?? memoryStorage();
  const { bytes, documents } = storage;
  const calls = new Map<string, number>();
  const nowMs = options.nowMs ?? (() => Date.now());

  const decode: DecodeMethods = {
    async hash(file) {
      const read = await file.arrayBuffer();
      return { hash: createHash('sha256').update(new Uint8Array(read)).digest('hex'), bytes: read };
    },
    async keep({ file, recordingId }, task) {
      await keepFile(bytes, { folder: 'recordings', id: recordingId }, file, task);
      return null;
    },
    decode: (request, task) => decodeRecording(bytes, request, { libav: decodePretended, webcodecs: decodePretended }, task),
    async peaks(id, task) {
      await documents.put('peaks', { id, ...(await measurePeaks(await openPcm(storage, id), task)) });
      return null;
    },
  };
  const fallback: FallbackMethods = {
    async decode({ recordingId }) {
      const writer = await bytes.writer({ folder: 'decoded', id: recordingId });
      const sink = createDecodedSink(writer);
      await sink.write([new Float32Array(44_100).fill(0.25)], 44_100, 0);
      return sink.finish([{ code: 'audio/fallback-decoder', args: {} }]);
    },
  };
  const engine: EngineMethods = {
    async analyze({ recordingId, f0 }, { signal, onProgress }) {
      const { pcm, peaks } = notingPeaks(await openPcm(storage, recordingId));
      const features = await analyzeFeatures(pcm, { engine: await engineBinary(), contentHash: recordingId, f0, signal, onProgress });
      return { features, peaks: peaks() };
    },
    align: async ({ referenceId, targetId }, { signal }) =>
      alignRecordings(await openPcm(storage, referenceId), await openPcm(storage, targetId), { engine: await engineBinary(), signal }),
    invert: async ({ referenceId, targetId, options: asked, referenceFeatures, targetFeatures }, { signal, onProgress }) =>
      invertParams(
        { features: referenceFeatures, pcm: await openPcm(storage, referenceId) },
        { features: targetFeatures, pcm: await openPcm(storage, targetId) },
        { ...asked, engine: await engineBinary(), signal, onProgress },
      ),
    measure: async (request, task) => measureRendered(storage, await engineBinary(), request, task),
    artifacts: (request, task) => countArtifacts(storage, request, task),
  };
  const render: RenderMethods = {
    async render(request, task) {
      const watched: Storage = {
        bytes,
        documents: {
          ...documents,
          async put(table, document) {
            await documents.put(table, document);
            if (table === 'checkpoints') options.onCheckpoint?.();
          },
        },
      };
      const tools = { engine: await engineBinary(), segments: null, nowMs, chunkSeconds: 0.25, checkpointSeconds: 0.5 };
      return renderJob(watched, await openPcm(storage, request.targetId), request, tools, task);
    },
    settle: async (request, task) => settleJob(storage, await openPcm(storage, request.targetId), request, await engineBinary(), task),
  };
  const exporting: ExportWavMethods = {
    writeFlac: async ({ id }, task) => exportFlac(bytes, id, await openPcm(storage, id), task),
    write: async ({ resultId, bitDepth }, task) => exportWav(bytes, resultId, await openPcm(storage, resultId), bitDepth, task),
  };
  const archive: ArchiveMethods = { write: ({ entries, target }, task) => writeArchive(storage, entries, target, task) };

  const parts: ServiceParts = {
    storage,
    workers: {
      decode: direct(decode, calls),
      fallback: direct(fallback, new Map()),
      engine: direct(engine, calls),
      render: direct(render, calls),
      exportWav: direct(exporting, calls),
      journal: direct(createJournalMethods(() => Promise.resolve(bytes), nowMs), calls),
      archive: direct(archive, calls),
      // The cost is what a test of its own looks at.
      passphrase: direct({ stretch: (request: StretchRequest) => stretch({ ...request, memoryKib: 64, iterations: 1 }) }, calls),
    },
    engineDigest: async () => (await engineBinary()).digest,
    locks: options.locks ?? locksOfPage(),
    microphones: options.microphones ?? fakeMicrophones().microphones,
    channel: options.channel ?? null,
    nowMs,
    cores: 4,
    memoryGb: 4,
    estimate: async () => ({ usedBytes: options.usedBytes?.() ?? 0, quotaBytes: options.quotaBytes ?? 1e9, persisted: false }),
    persist: async () => true,
    backup: options.backup ?? null,
    fetchFile: async (address) => (address.includes('reference') ? musicFile(2, 1) : musicFile(2, 2)),
  };
  return { service: createService(parts), storage, calls };
}

export async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (thrown) {
    return thrown instanceof AppError ? thrown.code : String(thrown);
  }
}
