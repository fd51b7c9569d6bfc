/**
 * Plays several recordings on one line of time and switches between them without a gap. Each is read in pieces and
 * scheduled ahead on one AudioContext, so an hour needs no more memory than a minute.
 */
import { createStore } from 'solid-js/store';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import { loopedReader, paddedReader } from './frame-reader.ts';
import { resampledReader } from './playback-resampler.ts';
import type { FrameReader } from './playback-resampler.ts';

export interface PlayerTrack<N extends string> {
  readonly name: N;
  readonly open: () => Promise<PcmSource>;
  /** Amplitude; at most what does not clip. */
  readonly gain: number;
  /** Starts again when it ends; otherwise silence follows. */
  readonly loops: boolean;
}

export type PlayerStatus = 'paused' | 'loading' | 'playing' | 'failed';

export interface PlayerState<N extends string> {
  readonly status: PlayerStatus;
  readonly track: N;
  readonly positionSeconds: number;
  readonly error: ErrorBody | null;
}

export interface Player<N extends string> {
  readonly state: PlayerState<N>;
  play(): Promise<void>;
  pause(): void;
  seek(seconds: number): void;
  switchTo(track: N): void;
  close(): void;
}

/** Time constant of a fade: 15 ms to -26 dB. */
const FADE_TIME_CONSTANT = 0.005;
/** By then a fade has reached -87 dB. */
const FADED_SECONDS = 0.06;
/** A fade begins this far ahead, so that it is known to the thread that renders before its time has come. */
const FADE_LEAD_SECONDS = 0.01;
const AHEAD_SECONDS = 3;
/** The first piece is short so that sound starts at once. */
const FIRST_PIECE_SECONDS = 0.25;
const PIECE_SECONDS = 1;
const PUMP_MS = 250;
const START_DELAY_SECONDS = 0.05;

/** One uninterrupted stretch of playing; a seek begins another. */
interface Run {
  readonly fromFrame: number;
  readonly output: GainNode;
  readonly gains: ReadonlyMap<string, GainNode>;
  readonly sources: Set<AudioBufferSourceNode>;
  nextFrame: number;
  /** Time of the context at which `fromFrame` sounds; null until the first piece is there. */
  startTime: number | null;
  ended: boolean;
}

/**
 * @param tracks  at least one; the first is heard first unless `initial` names another
 * @param durationSeconds  length of the line of time
 * @param preferredHz  rate of the context where the browser allows it: that of most tracks, so they are played as they are
 */
export function createPlayer<N extends string>(
  tracks: readonly PlayerTrack<N>[],
  { durationSeconds, preferredHz, initial }: { readonly durationSeconds: number; readonly preferredHz: number; readonly initial: N },
): Player<N> {
  interface Held {
    status: PlayerStatus;
    track: N;
    positionSeconds: number;
    error: ErrorBody | null;
  }
  const held: Held = { status: 'paused', track: initial, positionSeconds: 0, error: null };
  const [state, setState] = createStore<Held>(held);
  // One setter with a plain object: a generic store's path types do not resolve for an open N.
  const set = (change: Partial<Held>) => setState(change as Held);
  let context: AudioContext | null = null;
  let readers: Promise<ReadonlyMap<string, FrameReader>> | null = null;
  let run: Run | null = null;
  let animation = 0;
  let closed = false;

  const openContext = (): AudioContext => {
    if (context) return context;
    try {
      context = new AudioContext({ sampleRate: preferredHz, latencyHint: 'interactive' });
    } catch {
      context = new AudioContext(); // A rate the browser does not offer: the tracks are converted instead.
    }
    return context;
  };
  const openReaders = (rate: number) => {
    readers ??= Promise.all(
      tracks.map(async (track) => {
        const pcm = await track.open();
        return [track.name, resampledReader(track.loops ? loopedReader(pcm) : paddedReader(pcm), pcm.sampleRate, rate)] as const;
      }),
    ).then((entries) => new Map(entries));
    return readers;
  };

  const positionOf = (current: Run, audio: AudioContext): number => {
    if (current.startTime === null) return current.fromFrame / audio.sampleRate;
    const heard = audio.currentTime - (audio.outputLatency || 0) - current.startTime;
    return Math.min(durationSeconds, (current.fromFrame + Math.max(0, heard) * audio.sampleRate) / audio.sampleRate);
  };
  // Every gain from one instant (the clock moves while a script runs) and from wherever it is by then: at any moment the
  // gains of the tracks add up to one, so one sound in two tracks crosses over unchanged.
  const fade = (fades: readonly (readonly [GainNode, number])[], audio: AudioContext) => {
    const start = audio.currentTime + FADE_LEAD_SECONDS;
    for (const [{ gain }, value] of fades) gain.setTargetAtTime(value, start, FADE_TIME_CONSTANT);
  };
  const endRun = () => {
    const [ending, audio] = [run, context];
    run = null;
    cancelAnimationFrame(animation);
    if (!ending || !audio) return;
    ending.ended = true;
    fade([[ending.output, 0]], audio);
    setTimeout(() => {
      for (const source of ending.sources) source.stop();
      ending.output.disconnect();
    }, 1000 * (FADE_LEAD_SECONDS + FADED_SECONDS));
  };
  const fail = (thrown: unknown) => {
    endRun();
    readers = null;
    set({ status: 'failed', error: toAppError(thrown).toBody() });
  };

  const follow = () => {
    if (!run || !context) return;
    const position = positionOf(run, context);
    set({ positionSeconds: position });
    if (position >= durationSeconds) {
      endRun();
      set({ status: 'paused' });
      return;
    }
    animation = requestAnimationFrame(follow);
  };

  async function pump(current: Run, audio: AudioContext): Promise<void> {
    const rate = audio.sampleRate;
    const endFrame = Math.ceil(durationSeconds * rate);
    try {
      const open = await openReaders(rate);
      while (!current.ended && current.nextFrame < endFrame) {
        const scheduled = current.startTime === null ? audio.currentTime : current.startTime + (current.nextFrame - current.fromFrame) / rate;
        if (scheduled > audio.currentTime + AHEAD_SECONDS) {
          await new Promise((done) => setTimeout(done, PUMP_MS));
          continue;
        }
        const seconds = current.nextFrame === current.fromFrame ? FIRST_PIECE_SECONDS : PIECE_SECONDS;
        const frames = Math.min(endFrame - current.nextFrame, Math.round(seconds * rate));
        const pieces = await Promise.all(tracks.map(async (track) => [track.name, await open.get(track.name)!(current.nextFrame, frames)] as const));
        if (current.ended) return;
        const offsetSeconds = (current.nextFrame - current.fromFrame) / rate;
        // Too late (storage was slow): the line of time moves, and all tracks with it.
        if (current.startTime === null || current.startTime + offsetSeconds < audio.currentTime + 0.005) {
          // On a whole frame of the context, so that pieces join sample by sample.
          current.startTime = Math.ceil((audio.currentTime + START_DELAY_SECONDS) * rate) / rate - offsetSeconds;
        }
        for (const [name, channels] of pieces) schedule(current, audio, name, channels, current.startTime + offsetSeconds);
        current.nextFrame += frames;
        if (state.status === 'loading') set({ status: 'playing' });
      }
    } catch (thrown) {
      if (!current.ended) fail(thrown);
    }
  }

  function schedule(current: Run, audio: AudioContext, name: string, channels: readonly Float32Array<ArrayBuffer>[], time: number): void {
    const frames = channels[0]?.length ?? 0;
    const gain = current.gains.get(name);
    if (frames === 0 || !gain) return;
    const buffer = audio.createBuffer(channels.length, frames, audio.sampleRate);
    channels.forEach((channel, index) => buffer.copyToChannel(channel, index));
    const source = audio.createBufferSource();
    source.buffer = buffer;
    source.connect(gain);
    source.onended = () => {
      source.disconnect();
      current.sources.delete(source);
    };
    current.sources.add(source);
    source.start(Math.round(time * audio.sampleRate) / audio.sampleRate);
  }

  function begin(positionSeconds: number): void {
    const audio = openContext();
    const output = audio.createGain();
    output.gain.value = 0;
    fade([[output, 1]], audio);
    output.connect(audio.destination);
    const gains = new Map(
      tracks.map((track) => {
        const gain = audio.createGain();
        gain.gain.value = track.name === state.track ? track.gain : 0;
        gain.connect(output);
        return [track.name as string, gain] as const;
      }),
    );
    const fromFrame = Math.round(positionSeconds * audio.sampleRate);
    run = { fromFrame, nextFrame: fromFrame, output, gains, sources: new Set(), startTime: null, ended: false };
    set({ status: 'loading', positionSeconds, error: null });
    void pump(run, audio);
    animation = requestAnimationFrame(follow);
  }

  return {
    state,
    async play() {
      if (closed || run) return;
      const audio = openContext();
      begin(state.positionSeconds >= durationSeconds - 0.02 ? 0 : state.positionSeconds);
      // Allowed because a person asked for it; a browser that still refuses leaves the run waiting.
      if (audio.state !== 'running') await audio.resume().catch(fail);
    },
    pause() {
      if (run && context) set({ positionSeconds: positionOf(run, context) });
      endRun();
      set({ status: 'paused' });
    },
    seek(seconds) {
      const position = Math.min(durationSeconds, Math.max(0, seconds));
      if (!run) {
        set({ positionSeconds: position });
        return;
      }
      endRun();
      begin(Math.min(position, Math.max(0, durationSeconds - 0.05)));
    },
    switchTo(track) {
      set({ track });
      if (!run || !context) return;
      const { gains } = run;
      fade(
        tracks.map(({ name, gain }) => [gains.get(name)!, name === track ? gain : 0]),
        context,
      );
    },
    close() {
      closed = true;
      endRun();
      const closing = context;
      context = null;
      if (closing) setTimeout(() => void closing.close(), 200);
    },
  };
}
