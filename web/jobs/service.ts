/** The product behind the screens: recordings, jobs, results and presets, over the stores, the queue and the workers. */
import { AppError } from '../../shared/errors.ts';
import type { Job, JobOptions } from '../../shared/jobs.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import { completeStyle, type Style } from '../../shared/style.ts';
import { styleFromDocument, styleToDocument } from '../../shared/style-document.ts';
import type { Microphones } from '../audio/capture/microphones.ts';
import { analyze, measuringEnds } from '../pipeline/analyze.ts';
import { decode } from '../pipeline/decode.ts';
import { runPlan } from '../pipeline/plan.ts';
import { createSharedWork } from '../pipeline/shared-work.ts';
import type { StageTools } from '../pipeline/stage.ts';
import { announcing, type Channel } from '../storage/announcing.ts';
import type { RecordingRecord, Storage } from '../storage/contract.ts';
import { openPcm } from '../storage/open-pcm.ts';
import type { Workers } from '../workers/workers.ts';
import { clean, intermediateBytes, staleBefore } from './cleaning.ts';
import type { Peaks, StorageUse, TonetwinService } from './contract.ts';
import { foldPeaks } from './peaks.ts';
import { createQueue, type NewJob } from './queue.ts';
import { concurrentJobs, type Locks, startRunner } from './runner.ts';
import { createBin } from './library/bin.ts';
import { createLibrary } from './library/library.ts';
import { createRemoval } from './removal.ts';
import { sha256 } from './sha256.ts';
import { createShelf, infoOf } from './shelf.ts';
import type { SyncService } from './sync/contract.ts';
import { createSync, type SyncParts } from './sync/sync.ts';
import { createTakes } from './takes.ts';
import type { TakeService } from './takes-contract.ts';
import { watchList } from './watch.ts';

/** What the service needs of the machine it runs on. */
export interface ServiceParts {
  readonly storage: Storage;
  readonly workers: Workers;
  readonly engineDigest: () => Promise<string>;
  readonly locks: Locks;
  readonly microphones: Microphones;
  readonly channel: Channel | null;
  readonly nowMs: () => number;
  readonly cores: number;
  /** GB; undefined where unknown. */
  readonly memoryGb: number | undefined;
  readonly estimate: () => Promise<Pick<StorageUse, 'usedBytes' | 'quotaBytes' | 'persisted'>>;
  readonly persist: () => Promise<boolean>;
  readonly fetchFile: (address: string) => Promise<Blob>;
  /** The way to our server, to back up to; null: there is none. */
  readonly backup: Pick<SyncParts, 'api' | 'send' | 'network' | 'random' | 'device'> | null;
}

export interface RunningService extends TonetwinService {
  readonly takes: TakeService;
  /** Null: there is no server to back up to. */
  readonly sync: SyncService | null;
  /** Ends work without touching the jobs. */
  stop(): Promise<void>;
}

const DEMO = { reference: '/demo/reference.opus', target: '/demo/target.opus' } as const;

/** Measuring hours takes minutes, and a battery: it waits until it is asked for. */
const AHEAD_SECONDS = 30 * 60;

const never = new AbortController().signal;

/** Starts working at once: goes on with what was interrupted, takes up what is queued, throws away what is old. */
export function createService(parts: ServiceParts): RunningService {
  const { workers, nowMs, locks } = parts;
  const { documents, onChange } = announcing(parts.storage.documents, parts.channel);
  const storage: Storage = { documents, bytes: parts.storage.bytes };
  async function holding<T>(name: string, mode: LockMode, work: () => Promise<T>): Promise<T> {
    const answers: T[] = [];
    await locks.hold(name, never, async () => void answers.push(await work()), mode);
    return answers[0]!;
  }
  const tools: StageTools = {
    storage,
    workers,
    nowMs,
    engineDigest: parts.engineDigest,
    measuring: createSharedWork(),
    exclusively: (name, work) => holding(name, 'exclusive', work),
    sharing: (name, work) => holding(name, 'shared', work),
  };
  const ahead = new AbortController();
  const queue = createQueue(documents, nowMs);
  const freeBytes = async (): Promise<number> => {
    const { usedBytes, quotaBytes } = await parts.estimate();
    return quotaBytes - usedBytes;
  };
  const shelf = createShelf(tools, freeBytes);
  const runner = startRunner({
    queue,
    run: (job, context) => runPlan(job, tools, context),
    locks,
    onChange: (listener) => onChange(['jobs'], listener),
    nowMs,
    limit: concurrentJobs(parts.cores, parts.memoryGb),
  });
  // Neither is worth failing for: both happen again at the next start.
  void shelf.resume().catch(() => undefined);
  void clean(tools, staleBefore(nowMs())).catch(() => undefined);

  async function usable(id: string): Promise<RecordingRecord & { readonly state: { readonly status: 'ready'; readonly frames: number; readonly sampleRate: number } }> {
    const record = await documents.update('recordings', id, (before) => before && { ...before, usedMs: nowMs() });
    if (!record) throw new AppError('storage/missing');
    if (record.state.status !== 'ready') throw new AppError('audio/not-reference-target');
    return { ...record, state: record.state };
  }

  /** @param decides everything that decides the result, in a fixed order */
  async function enqueue(request: Omit<NewJob, 'idempotencyKey'>, decides: readonly unknown[]): Promise<Job> {
    const idempotencyKey = await sha256(JSON.stringify([request.plan, ...decides, await parts.engineDigest()]));
    const finished = await documents.get('jobs', idempotencyKey);
    // A finished job whose result was removed has to be done again.
    if (finished?.state === 'COMPLETED' && !(await documents.get('results', finished.resultId ?? ''))) await queue.remove(idempotencyKey);
    // Asked for again while its result waits to be removed: it stays.
    await documents.remove('bin', idempotencyKey);
    return queue.add({ ...request, idempotencyKey });
  }

  /** While the person looks at what has come, what any match needs is measured. What fails says so when it is asked for. */
  function measureAhead({ id, state }: Pick<RecordingRecord, 'id' | 'state'>): void {
    if (state.status !== 'ready' || state.frames > AHEAD_SECONDS * state.sampleRate) return;
    void analyze({ recordingId: id, f0: false }, tools, { signal: ahead.signal }).catch(() => undefined);
  }

  const removal = createRemoval(storage, queue, shelf);
  const bin = createBin(tools, onChange, removal.removeEntry);
  /** A list without what is in the bin. */
  const shown = async <T extends { readonly id: string }>(list: Promise<readonly T[]>): Promise<T[]> => {
    const [all, hidden] = [await list, new Set(await documents.ids('bin'))];
    return all.filter(({ id }) => !hidden.has(id));
  };

  async function pcm(id: string): Promise<PcmSource> {
    if (await documents.get('recordings', id)) await decode(id, tools);
    return openPcm(storage, id);
  }

  /** Several parts of a page draw one recording. */
  const drawing = createSharedWork<Peaks>();
  async function peaks(id: string, columns: number): Promise<Peaks> {
    const whole = await drawing.run(id, {}, async () => {
      const known = await documents.get('peaks', id);
      if (known) return known;
      await measuringEnds(id, tools);
      const noted = await documents.get('peaks', id);
      if (noted) return noted;
      await pcm(id);
      await workers.decode.call('peaks', id);
      const made = await documents.get('peaks', id);
      if (!made) throw new AppError('storage/missing');
      return made;
    });
    return foldPeaks(whole, columns);
  }

  /** Through its travelling form and back: what is stored is plain, valid, and the same for equal styles. */
  async function keepStyle(style: Style): Promise<{ readonly styleId: string; readonly stored: Style }> {
    const document = JSON.stringify(styleToDocument(style));
    const stored = styleFromDocument(JSON.parse(document));
    const styleId = await sha256(document);
    await documents.put('styles', { id: styleId, style: stored });
    return { styleId, stored };
  }

  async function renderStyle(targetId: string, style: Style, referenceId: string | null): Promise<Job> {
    const target = await usable(targetId);
    const { styleId, stored } = await keepStyle(style);
    const { values } = stored.modules.limiter;
    const options: JobOptions = { mode: stored.mode, pitch: stored.modules.pitch.enabled, ceilingDbtp: values.tpDb, residualFir: stored.modules.matchFir.enabled };
    const request = { plan: 'render', options, referenceId, targetId, styleId, workSeconds: target.state.frames / target.state.sampleRate } as const;
    return enqueue(request, [referenceId, targetId, styleId]);
  }

  const takes = createTakes({
    tools,
    locks,
    microphones: parts.microphones,
    onChange: (listener) => onChange(['takes'], listener),
    keepStyle: async (style) => (await keepStyle(style)).styleId,
    async freeBytes() {
      const { usedBytes, quotaBytes } = await parts.estimate();
      return Number.isFinite(quotaBytes) ? quotaBytes - usedBytes : null;
    },
    async renderPreset(recordingId, styleId) {
      const kept = await documents.get('styles', styleId);
      if (kept) await renderStyle(recordingId, kept.style, null);
    },
    removeRecording: removal.removeRecording,
    onKept: measureAhead,
  });

  const sync = parts.backup && createSync({ ...parts.backup, tools, locks, onChange, stretch: (request) => workers.passphrase.call('stretch', request) });

  return {
    takes,
    sync,
    async addRecording(file, task = {}) {
      const info = await shelf.add(file, task);
      measureAhead(info);
      return info;
    },
    removeRecording: removal.removeRecording,
    async settle(targetId, style, task = {}) {
      await pcm(targetId);
      return workers.render.call('settle', { previewId: crypto.randomUUID(), targetId, style }, { signal: task.signal ?? never });
    },
    async loadDemo(task = {}) {
      const fractions = { reference: 0, target: 0 };
      const load = async (role: keyof typeof DEMO) => {
        const blob = await parts.fetchFile(DEMO[role]);
        const onProgress = (fraction: number): void => {
          fractions[role] = fraction;
          task.onProgress?.((fractions.reference + fractions.target) / 2);
        };
        const info = await shelf.add(new File([blob], `${role}.opus`, { type: 'audio/ogg' }), { ...task, onProgress, origin: 'demo' });
        measureAhead(info);
        return info;
      };
      const [reference, target] = await Promise.all([load('reference'), load('target')]);
      return { reference, target };
    },
    async looksPaired(referenceId, targetId, task = {}) {
      await Promise.all([decode(referenceId, tools), decode(targetId, tools)]);
      const { paired } = await workers.engine.call('align', { referenceId, targetId }, { signal: task.signal, onProgress: task.onProgress });
      return paired;
    },

    async startMatch(referenceId, targetId, options: JobOptions) {
      const [reference, target] = [await usable(referenceId), await usable(targetId)];
      const seconds = [reference, target].map(({ state }) => state.frames / state.sampleRate);
      const { mode, pitch, ceilingDbtp, residualFir } = options;
      const request = { plan: 'match', options: { mode, pitch, ceilingDbtp, residualFir }, referenceId, targetId, styleId: null, workSeconds: seconds[0]! + seconds[1]! } as const;
      return enqueue(request, [mode, referenceId, targetId, pitch, ceilingDbtp, residualFir]);
    },
    renderAgain: (targetId, style, { referenceId }) => renderStyle(targetId, style, referenceId),
    async cancelJob(id) {
      await queue.apply(id, { type: 'cancelled' });
    },
    async retryJob(id) {
      await queue.apply(id, { type: 'retried' });
    },
    async removeJob(id) {
      await queue.get(id);
      await removal.removeJob(id);
    },

    watchRecordings: (listener) => watchList(async () => (await shown(documents.list('recordings'))).map(infoOf), (changed) => onChange(['recordings', 'bin'], changed), listener),
    watchJobs: (listener) => watchList(() => shown(queue.list()), (changed) => onChange(['jobs', 'bin'], changed), listener),

    async estimate(jobId) {
      const { styleId, targetId, referenceId } = await queue.get(jobId);
      const stored = styleId === null ? undefined : await documents.get('styles', styleId);
      if (!stored) throw new AppError('storage/missing');
      const features = (recordingId: string) => analyze({ recordingId, f0: false }, tools);
      const [targetFeatures, referenceFeatures] = await Promise.all([features(targetId), referenceId === null ? null : features(referenceId)]);
      return { style: completeStyle(stored.style), targetFeatures, referenceFeatures };
    },
    async result(id) {
      const result = await documents.get('results', id);
      if (!result) throw new AppError('storage/missing');
      return result;
    },
    pcm,
    peaks,

    async exportFlac(id, task = {}) {
      return storage.bytes.blob(await workers.exportWav.call('writeFlac', { id }, { signal: task.signal, onProgress: task.onProgress }));
    },
    async exportWav(resultId, bitDepth, task = {}) {
      const name = await workers.exportWav.call('write', { resultId, bitDepth }, { signal: task.signal, onProgress: task.onProgress });
      return storage.bytes.blob(name);
    },
    exportPreset: async (style) => new Blob([`${JSON.stringify(styleToDocument(style), null, 2)}\n`], { type: 'application/json' }),
    async importPreset(file): Promise<Style> {
      const text = await file.text();
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch (cause) {
        throw new AppError('style/invalid', { detail: 'not JSON' }, { cause });
      }
      return styleFromDocument(json);
    },

    storageUse: async () => ({ ...(await parts.estimate()), intermediateBytes: await intermediateBytes(storage) }),
    requestPersistence: parts.persist,
    cleanIntermediates: () => clean(tools, Infinity),
    library: createLibrary({ tools, bin, onChange, peaks, freeBytes }),
    async stop() {
      await sync?.stop();
      bin.stop();
      ahead.abort();
      await runner.stop();
    },
  };
}
