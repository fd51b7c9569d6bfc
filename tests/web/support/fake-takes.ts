/** A recorder in memory, for developing and testing its screens: a microphone that plays, takes that last as long as the page. */
import { AppError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import type { TakeMarker, TakeSegment } from '../../../shared/takes.ts';
import type { LiveState, LiveTake, TakeAlarm, TakeInfo, TakeInput, TakeService } from '../../../web/jobs/takes-contract.ts';
import { musicLike } from '../../support/signals.ts';

export interface FakeTakes extends TakeService {
  /** Raises and clears alarms of the take that runs. */
  alarm(alarms: readonly TakeAlarm[]): void;
  /** Ends the running take by itself, as a full disk does. */
  breakDown(code: ErrorCode): void;
}

export interface FakeTakesSettings {
  readonly refuse?: ErrorCode;
  readonly interrupted?: boolean;
  readonly sampleRate?: number;
  readonly channels?: 1 | 2;
  readonly deviceLabel?: string;
  readonly secondsLeft?: number | null;
  readonly now?: () => number;
  /** Told of what a kept take becomes. */
  readonly onKept?: (take: TakeInfo, recordingId: string) => void;
}

const TICK_MS = 100;

/** A microphone that hears a phrase again and again; without Web Audio one that hears nothing. */
function openFake(settings: FakeTakesSettings): TakeInput {
  const { sampleRate = 48_000, channels = 1, deviceLabel = 'Built-in Microphone' } = settings;
  const facts = { sampleRate, channels, deviceId: 'built-in', deviceLabel, processing: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } };
  if (typeof AudioContext === 'undefined') return { ...facts, context: {} as AudioContext, source: {} as AudioNode, close: async () => undefined };
  const context = new AudioContext({ sampleRate });
  const rows = musicLike(8, sampleRate, 4).slice(0, channels);
  const buffer = context.createBuffer(channels, rows[0]!.length, sampleRate);
  rows.forEach((row, channel) => buffer.copyToChannel(row.map((sample, i) => sample * (0.35 + 0.3 * Math.sin(i / 90_000) ** 2)), channel));
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.loop = true;
  source.start();
  void context.resume();
  return { ...facts, context, source, close: async () => context.close() };
}

export function createFakeTakes(settings: FakeTakesSettings = {}): FakeTakes {
  const now = settings.now ?? Date.now;
  const takes = new Map<string, TakeInfo>();
  const listeners = new Set<(takes: readonly TakeInfo[]) => void>();
  const processing = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  let running: { readonly live: LiveTake; raise(alarms: readonly TakeAlarm[]): void; fail(code: ErrorCode): void } | null = null;
  let count = 0;
  const list = () => [...takes.values()].sort((a, b) => b.startedMs - a.startedMs);
  const tell = () => listeners.forEach((listener) => listener(list()));
  const put = (take: TakeInfo) => {
    takes.set(take.id, take);
    tell();
    return take;
  };
  const has = (id: string) => {
    const take = takes.get(id);
    if (!take) throw new AppError('storage/missing');
    return take;
  };
  const segment = (frames: number, why: TakeSegment['why'], index: number, input: TakeInput | null, startedMs: number): TakeSegment => ({
    index,
    sampleRate: input?.sampleRate ?? 48_000,
    channels: input?.channels ?? 1,
    frames,
    startedMs,
    deviceLabel: input?.deviceLabel ?? 'Built-in Microphone',
    processing,
    why,
    gaps: [],
  });
  const info = (id: string, name: string, segments: readonly TakeSegment[], markers: readonly TakeMarker[], state: TakeInfo['state'], startedMs: number): TakeInfo => {
    const seconds = segments.reduce((sum, { frames, sampleRate }) => sum + frames / sampleRate, 0);
    return { id, name, startedMs, endedMs: state === 'recording' ? null : now(), state, segments, markers, seconds, bytes: Math.round(seconds * 192_000), recordingId: null, trim: null, role: null, backings: [], withPreset: null };
  };
  if (settings.interrupted) {
    const startedMs = now() - 3_600_000;
    put(info('interrupted', 'Evening rehearsal', [segment(48_000 * 154, 'started', 0, null, startedMs)], [], 'interrupted', startedMs));
  }
  const keep = (id: string): TakeInfo => {
    const take = has(id);
    const recordingId = take.recordingId ?? `recording-${id}`;
    const kept = put({ ...take, state: 'kept', endedMs: take.endedMs ?? now(), recordingId });
    settings.onKept?.(kept, recordingId);
    return kept;
  };

  return {
    async openInput() {
      if (settings.refuse) throw new AppError(settings.refuse, { detail: 'refused' });
      return openFake(settings);
    },
    async start({ name, input: given }) {
      if (running) throw new AppError('capture/busy');
      if (settings.refuse) throw new AppError(settings.refuse, { detail: 'refused' });
      const input = given ?? openFake(settings);
      const id = `take-${++count}`;
      const startedMs = now();
      const segments: TakeSegment[] = [segment(0, 'started', 0, input, startedMs)];
      let state: LiveState = { status: 'recording', elapsedSeconds: 0, durableSeconds: 0, segment: segments[0]!, contextFrame: input.context.currentTime === undefined ? 0 : Math.round(input.context.currentTime * input.sampleRate), markers: [], alarms: [], secondsLeft: settings.secondsLeft === undefined ? 50_000 : settings.secondsLeft, error: null };
      const watchers = new Set<(state: LiveState) => void>();
      const set = (change: Partial<LiveState>) => {
        state = { ...state, ...change };
        watchers.forEach((watcher) => watcher(state));
      };
      put(info(id, name, segments, [], 'recording', startedMs));
      let since = now();
      const timer = setInterval(() => {
        const passed = (now() - since) / 1000;
        since = now();
        if (state.status !== 'recording') return;
        const elapsedSeconds = state.elapsedSeconds + passed;
        const last = segments.at(-1)!;
        segments[segments.length - 1] = { ...last, frames: last.frames + Math.round(passed * last.sampleRate) };
        set({ elapsedSeconds, durableSeconds: Math.max(0, elapsedSeconds - 0.3), segment: segments.at(-1)! });
      }, TICK_MS);
      const finish = async (status: 'ended' | 'failed', code?: ErrorCode): Promise<TakeInfo> => {
        clearInterval(timer);
        running = null;
        takes.set(id, info(id, name, segments, state.markers, 'recording', startedMs));
        const kept = keep(id);
        set({ status, error: code ? new AppError(code).toBody() : null });
        await input.close();
        return kept;
      };
      const live: LiveTake = {
        id,
        state: () => state,
        watch(listener) {
          watchers.add(listener);
          listener(state);
          return () => watchers.delete(listener);
        },
        watchInput(listener) {
          listener(input);
          return () => undefined;
        },
        mark: (label = '') => set({ markers: [...state.markers, { segment: segments.length - 1, frame: segments.at(-1)!.frames, label }] }),
        pause: async () => set({ status: 'paused' }),
        async resume() {
          segments.push(segment(0, 'resumed', segments.length, input, now()));
          since = now();
          set({ status: 'recording', segment: segments.at(-1)! });
        },
        stop: () => finish('ended'),
      };
      running = { live, raise: (alarms) => set({ alarms }), fail: (code) => void finish('ended', code) };
      return live;
    },
    live: () => running?.live ?? null,
    whenNothingRecords: async () => undefined,
    watchTakes(listener) {
      listeners.add(listener);
      listener(list());
      return () => listeners.delete(listener);
    },
    async pcm(id) {
      const { seconds, segments } = has(id);
      const rate = segments[0]?.sampleRate ?? 48_000;
      const rows = musicLike(Math.max(0.5, Math.min(seconds, 60)), rate, 4).slice(0, 1);
      return pcmFromArrays(rows, rate);
    },
    keep: async (id) => keep(id).recordingId ?? '',
    async discard(id) {
      has(id);
      takes.delete(id);
      tell();
    },
    edit: async (id, edit) => put({ ...has(id), ...edit }),
    secondsLeft: async () => (settings.secondsLeft === undefined ? 51_400 : settings.secondsLeft),
    alarm: (alarms) => running?.raise(alarms),
    breakDown: (code) => running?.fail(code),
  };
}
