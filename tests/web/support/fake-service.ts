/** A product in memory, for developing and testing the page: answers at once, invents sound, keeps nothing. */
import { AppError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { Job, JobState } from '../../../shared/jobs.ts';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import type { Style } from '../../../shared/style.ts';
import type { RecordingInfo, ResultInfo, TonetwinService } from '../../../web/jobs/contract.ts';
import { createFakeLibrary } from './fake-library.ts';
import { fakeFeatures, fakeStyle, REFERENCE_SOUND, RESULT_SOUND, TARGET_SOUND } from './fake-features.ts';

export interface FakeSettings {
  /** One step of a job, ms; a job has twenty. */
  readonly stepMs?: number;
  readonly paired?: boolean;
  readonly now?: () => number;
}

const SECONDS: Readonly<Record<string, number>> = { reference: 31, target: 44 };
const RATE = 48000;

/** Files named for an error (`audio-silent.wav`) fail with it. */
const FAILURES: readonly ErrorCode[] = ['audio/empty', 'audio/not-audio', 'audio/silent', 'audio/too-short', 'audio/decode-failed', 'audio/needs-fallback', 'storage/full'];

/** A plucked sequence over a drone, enough to look and sound like something. */
function invent(seconds: number, sampleRate: number, seed: number, level: number): PcmSource {
  const frames = Math.round(seconds * sampleRate);
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  const scale = [0, 3, 5, 7, 10, 12];
  for (let i = 0; i < frames; i++) {
    const t = i / sampleRate;
    const beat = Math.floor(t * 2.5 + seed);
    const note = 110 * 2 ** ((scale[(beat * 7 + seed) % 6] ?? 0) / 12);
    const since = (t * 2.5 + seed) % 1;
    const pluck = Math.exp(-since * 5) * Math.sin(2 * Math.PI * note * 2 * t) * (beat % 4 === 3 ? 0.4 : 1);
    const swell = 0.5 + 0.5 * Math.sin(2 * Math.PI * t * 0.08 + seed);
    const drone = 0.3 * swell * Math.sin(2 * Math.PI * 110 * t);
    left[i] = level * (pluck * 0.7 + drone);
    right[i] = level * (pluck * 0.55 + drone * 0.9);
  }
  return pcmFromArrays([left, right], sampleRate);
}

export interface FakeService extends TonetwinService {
  /** A take became a recording. */
  keepTake(id: string, name: string, seconds: number): void;
}

export function createFakeService(settings: FakeSettings = {}): FakeService {
  const now = settings.now ?? Date.now;
  const recordings = new Map<string, RecordingInfo>();
  const jobs = new Map<string, Job>();
  const results = new Map<string, ResultInfo>();
  const sources = new Map<string, PcmSource>();
  const timers = new Map<string, ReturnType<typeof setInterval>>();
  const recordingListeners = new Set<(list: readonly RecordingInfo[]) => void>();
  const jobListeners = new Set<(list: readonly Job[]) => void>();
  const styles = new Map<string, Style>();
  let count = 0;
  const tellRecordings = () => recordingListeners.forEach((listener) => listener([...recordings.values()]));
  const tellJobs = () => jobListeners.forEach((listener) => listener([...jobs.values()]));
  const keep = (id: string, name: string, bytes: number, seconds: number, level: number, sampleRate = RATE): RecordingInfo => {
    sources.set(id, invent(seconds, sampleRate, count, level));
    const info: RecordingInfo = { id, name, bytes, addedMs: now() + count++, state: { status: 'ready', sampleRate, channels: 2, frames: Math.round(seconds * sampleRate), notices: [] } };
    recordings.set(id, info);
    tellRecordings();
    return info;
  };

  function finish(job: Job): string {
    const target = recordings.get(job.targetId);
    const source = sources.get(job.targetId);
    const id = `result-${job.id}`;
    if (!target || !source) return id;
    const seconds = source.frames / source.sampleRate;
    sources.set(id, invent(seconds, source.sampleRate, 1, 0.5));
    results.set(id, {
      id,
      jobId: job.id,
      name: target.name.replace(/\.\w+$/, ''),
      targetId: job.targetId,
      referenceId: job.referenceId,
      sampleRate: source.sampleRate,
      channels: 2,
      frames: source.frames,
      style: styles.get(job.id) ?? fakeStyle(),
      features: fakeFeatures(RESULT_SOUND, seconds),
      targetFeatures: fakeFeatures(TARGET_SOUND, seconds),
      referenceFeatures: job.referenceId === null ? null : fakeFeatures(REFERENCE_SOUND, SECONDS['reference'] ?? 1),
      metrics: { stftDist: 2.31, melDist: 1.42, lufsErr: -0.1, tpDb: -1, artifactsRate: 0, ltasErrorDb: job.referenceId === null ? null : 0.84, ltasErrorBeforeDb: job.referenceId === null ? null : 4.62 },
      notices: [{ code: 'audio/lossy-bandwidth', args: { hz: 16800 } }],
      createdMs: now(),
    });
    return id;
  }

  function run(id: string): void {
    let step = 0;
    const tick = () => {
      const job = jobs.get(id);
      if (!job) return;
      step += 1;
      const percent = step * 5;
      const state: JobState = percent >= 100 ? 'COMPLETED' : percent < 35 && job.plan === 'match' ? 'ANALYZING' : percent < 65 && job.plan === 'match' ? 'INVERTING' : 'RENDERING';
      const done = state === 'COMPLETED';
      jobs.set(id, {
        ...job,
        state,
        percent,
        stagePercent: done ? 100 : (percent * 3) % 100,
        segment: state === 'RENDERING' ? { index: 1, count: 2 } : null,
        startedMs: job.startedMs ?? now(),
        updatedMs: now(),
        finishedMs: done ? now() : null,
        resultId: done ? finish(job) : null,
      });
      if (done) clearInterval(timers.get(id));
      tellJobs();
    };
    timers.set(id, setInterval(tick, settings.stepMs ?? 150));
  }

  function start(fields: Pick<Job, 'plan' | 'options' | 'referenceId' | 'targetId'>): Job {
    const id = `job-${count++}`;
    const job: Job = {
      ...fields,
      id,
      idempotencyKey: id,
      styleId: null,
      resultId: null,
      state: 'PENDING',
      stagePercent: 0,
      percent: 0,
      segment: null,
      renderedFrames: 0,
      attempts: 1,
      notBeforeMs: 0,
      error: null,
      workSeconds: 40,
      createdMs: now() + count,
      startedMs: null,
      updatedMs: now(),
      finishedMs: null,
    };
    jobs.set(id, job);
    tellJobs();
    run(id);
    return job;
  }
  const stop = (id: string, state: JobState) => {
    clearInterval(timers.get(id));
    const job = jobs.get(id);
    if (job) jobs.set(id, { ...job, state });
    tellJobs();
  };

  return {
    keepTake: (id, name, seconds) => void keep(id, name, Math.round(seconds * 192_000), Math.max(0.5, seconds), 0.4),
    async addRecording(file, task) {
      const failure = FAILURES.find((code) => file.name.startsWith(code.replace('/', '-')));
      if (failure && !(failure === 'audio/needs-fallback' && task?.allowFallbackDecoder)) throw new AppError(failure, { seconds: 0.1, minimum: 0.4 });
      task?.onProgress?.(0.4);
      await new Promise((done) => setTimeout(done, settings.stepMs ?? 150));
      return keep(`file-${file.name}`, file.name, file.size, file.name.includes('ref') ? 31 : 44, 0.4, file.name.includes('44') ? 44100 : RATE);
    },
    removeRecording: async (id) => {
      recordings.delete(id);
      tellRecordings();
    },
    loadDemo: async () => ({
      reference: keep('demo-reference', 'Demo reference.opus', 412_000, SECONDS['reference'] ?? 1, 0.6),
      target: keep('demo-target', 'Demo target.opus', 388_000, SECONDS['target'] ?? 1, 0.25),
    }),
    looksPaired: async () => settings.paired ?? false,
    startMatch: async (referenceId, targetId, options) => start({ plan: 'match', options, referenceId, targetId }),
    renderAgain: async (targetId, style, from) => {
      const job = start({ plan: 'render', options: { mode: style.mode, pitch: false, ceilingDbtp: -1, residualFir: false }, referenceId: from.referenceId, targetId });
      styles.set(job.id, structuredClone(style));
      return job;
    },
    cancelJob: async (id) => stop(id, 'CANCELLED'),
    retryJob: async (id) => {
      stop(id, 'PENDING');
      const job = jobs.get(id);
      if (job) jobs.set(id, { ...job, error: null, percent: 0, startedMs: null });
      run(id);
    },
    removeJob: async (id) => {
      clearInterval(timers.get(id));
      jobs.delete(id);
      tellJobs();
    },
    watchRecordings(listener) {
      recordingListeners.add(listener);
      listener([...recordings.values()]);
      return () => recordingListeners.delete(listener);
    },
    watchJobs(listener) {
      jobListeners.add(listener);
      listener([...jobs.values()]);
      return () => jobListeners.delete(listener);
    },
    settle: async () => ({ gainDb: 0, ceilingDbtp: null, measured: { integratedLufs: null, truePeakDbtp: null }, targetLufs: null }),
    async estimate(jobId) {
      const job = jobs.get(jobId);
      if (!job) throw new AppError('storage/missing');
      const referenceFeatures = job.referenceId === null ? null : fakeFeatures(REFERENCE_SOUND, SECONDS['reference'] ?? 1);
      return { style: fakeStyle(), targetFeatures: fakeFeatures(TARGET_SOUND, SECONDS['target'] ?? 1), referenceFeatures };
    },
    async result(id) {
      const found = results.get(id);
      if (!found) throw new AppError('storage/missing');
      return found;
    },
    async pcm(id) {
      const source = sources.get(id);
      if (!source) throw new AppError('storage/missing');
      return source;
    },
    async peaks(id, columns) {
      const source = sources.get(id);
      if (!source) throw new AppError('storage/missing');
      const [left = new Float32Array()] = await source.read(0, source.frames);
      const min = new Float32Array(columns);
      const max = new Float32Array(columns);
      const width = left.length / columns;
      for (let c = 0; c < columns; c++) {
        for (let i = Math.floor(c * width); i < (c + 1) * width; i++) {
          min[c] = Math.min(min[c] ?? 0, left[i] ?? 0);
          max[c] = Math.max(max[c] ?? 0, left[i] ?? 0);
        }
      }
      return { min, max };
    },
    exportWav: async () => new Blob(['RIFF'], { type: 'audio/wav' }),
    exportFlac: async () => new Blob(['fLaC'], { type: 'audio/flac' }),
    exportPreset: async (style) => new Blob([JSON.stringify({ version: style.version })], { type: 'application/json' }),
    async importPreset(file) {
      if (!(await file.text()).includes('version')) throw new AppError('style/invalid', { detail: 'version' });
      return fakeStyle();
    },
    storageUse: async () => ({ usedBytes: 184_300_000, quotaBytes: 10_700_000_000, persisted: false, intermediateBytes: 121_000_000 }),
    requestPersistence: async () => true,
    cleanIntermediates: async () => 121_000_000,
    library: createFakeLibrary(() => [...recordings.values()]),
  };
}
