/**
 * Plays several recordings on one line of time and switches between them without a gap. Each is read in pieces and
 * scheduled ahead on one AudioContext, so an hour needs no more memory than a minute. One track may be played live: while
 * a sound is set, it is made from another track on the audio thread instead of read.
 */
import { createStore } from 'solid-js/store';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import type { EngineBinary } from '../../wasm/host/engine.ts';
import type { LiveSound } from '../../wasm/rendering/live-chain.ts';
import { createLiveNode, loadLiveProcessor } from './live/live-node.ts';
import type { LiveNode } from './live/live-node.ts';
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

/** How a track is made live. */
export interface LivePlan<N extends string> {
  readonly track: N;
  /** What it is made from. */
  readonly source: N;
  readonly engine: () => Promise<EngineBinary>;
}

/** What is heard in place of the live track's recording. */
export interface LiveTrack {
  readonly sound: LiveSound;
  /** Amplitude, as a track's. */
  readonly gain: number;
}

/** Whether the live track is heard as it was last set: 'off' while nothing is set. */
export type LiveState = 'off' | 'starting' | 'heard' | 'unavailable';

export type PlayerStatus = 'paused' | 'loading' | 'playing' | 'failed';

export interface PlayerState<N extends string> {
  readonly status: PlayerStatus;
  readonly track: N;
  readonly positionSeconds: number;
  readonly error: ErrorBody | null;
  readonly live: LiveState;
}

export interface Player<N extends string> {
  readonly state: PlayerState<N>;
  play(): Promise<void>;
  pause(): void;
  seek(seconds: number): void;
  switchTo(track: N): void;
  /** From now on the live track sounds like this; null: as it was recorded. While it plays, within 50 ms. */
  setLive(track: LiveTrack | null): void;
  close(): void;
}

/** Time constant of a fade: 15 ms to -26 dB. */
const FADE_TIME_CONSTANT = 0.005;
/** By then a fade has reached -87 dB. */
const FADED_SECONDS = 0.06;
/** A fade begins this far ahead, so that it is known to the thread that renders before its time has come. */
const FADE_LEAD_SECONDS = 0.01;
/** As long may the page be busy without a dropout. */
const AHEAD_SECONDS = 5;
/** The live chain begins before what it plays, so that filters and rooms are as they would be. */
const LIVE_LEAD_SECONDS = 0.6;
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
  /** Null without a live track, or where the browser has none. */
  live: { readonly node: LiveNode; readonly gain: GainNode; isReady: boolean } | null;
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
  {
    durationSeconds,
    preferredHz,
    initial,
    live: plan = null,
  }: { readonly durationSeconds: number; readonly preferredHz: number; readonly initial: N; readonly live?: LivePlan<N> | null },
): Player<N> {
  interface Held {
    status: PlayerStatus;
    track: N;
    positionSeconds: number;
    error: ErrorBody | null;
    live: LiveState;
  }
  const held: Held = { status: 'paused', track: initial, positionSeconds: 0, error: null, live: 'off' };
  const [state, setState] = createStore<Held>(held);
  // One setter with a plain object: a generic store's path types do not resolve for an open N.
  const set = (change: Partial<Held>) => setState(change as Held);
  let context: AudioContext | null = null;
  let readers: Promise<ReadonlyMap<string, FrameReader>> | null = null;
  let run: Run | null = null;
  let animation = 0;
  let closed = false;
  let liveTrack: LiveTrack | null = null;
  let liveLength: { readonly channels: 1 | 2; readonly frames: number } | null = null;
  let liveEngine: EngineBinary | null = null;

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
        if (track.name === plan?.source) liveLength = { channels: pcm.channels, frames: Math.round((pcm.frames * rate) / pcm.sampleRate) };
        return [track.name, resampledReader(track.loops ? loopedReader(pcm) : paddedReader(pcm), pcm.sampleRate, rate)] as const;
      }),
    ).then((entries) => new Map(entries));
    return readers;
  };
  // Asked for with the first sound that is played; a browser that refuses plays what is recorded.
  const openLive = async (audio: AudioContext): Promise<void> => {
    if (!plan || liveEngine || state.live === 'unavailable') return;
    try {
      const [engine] = await Promise.all([plan.engine(), loadLiveProcessor(audio)]);
      liveEngine = engine;
    } catch {
      set({ live: 'unavailable' });
    }
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
  const levels = (current: Run): (readonly [GainNode, number])[] => {
    const isLive = current.live !== null && state.live === 'heard';
    const recorded = tracks.map(({ name, gain }) => [current.gains.get(name)!, name === state.track && !(isLive && name === plan?.track) ? gain : 0] as const);
    const live = isLive && state.track === plan?.track ? (liveTrack?.gain ?? 0) : 0;
    return current.live ? [...recorded, [current.live.gain, live]] : recorded;
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
      ending.live?.node.end();
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
      const [open] = await Promise.all([openReaders(rate), openLive(audio)]);
      if (current.ended) return;
      const live = joinLive(current, audio);
      if (live && plan) {
        const leadFrame = Math.max(0, current.fromFrame - Math.round(LIVE_LEAD_SECONDS * rate));
        if (leadFrame < current.fromFrame) live.node.feed(leadFrame, await open.get(plan.source)!(leadFrame, current.fromFrame - leadFrame));
      }
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
        if (live && plan) live.node.feed(current.nextFrame, pieces.find(([name]) => name === plan.source)![1]);
        // Too late (storage was slow): the line of time moves, and all tracks with it.
        if (current.startTime === null || current.startTime + offsetSeconds < audio.currentTime + 0.005) {
          // On a whole frame of the context, so that pieces join sample by sample.
          current.startTime = Math.ceil((audio.currentTime + START_DELAY_SECONDS) * rate) / rate - offsetSeconds;
          live?.node.start(current.fromFrame, Math.round(current.startTime * rate));
        }
        for (const [name, channels] of pieces) schedule(current, audio, name, channels, current.startTime + offsetSeconds);
        current.nextFrame += frames;
        if (state.status === 'loading') set({ status: 'playing' });
      }
    } catch (thrown) {
      if (!current.ended) fail(thrown);
    }
  }

  /** The live node of a run, where there is one: made when the engine is there. */
  function joinLive(current: Run, audio: AudioContext): Run['live'] {
    if (!liveEngine || !liveLength) return null;
    const gain = audio.createGain();
    gain.gain.value = 0;
    const onReady = () => {
      if (current.live) current.live.isReady = true;
      if (run !== current || !liveTrack) return;
      set({ live: 'heard' });
      fade(levels(current), audio);
    };
    const node = createLiveNode(audio, { engine: liveEngine, ...liveLength }, { onReady });
    node.output.connect(gain).connect(current.output);
    current.live = { node, gain, isReady: false };
    if (liveTrack) node.set(liveTrack.sound);
    return current.live;
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
    run = { fromFrame, nextFrame: fromFrame, output, gains, sources: new Set(), live: null, startTime: null, ended: false };
    set({ status: 'loading', positionSeconds, error: null, live: state.live === 'heard' ? 'starting' : state.live });
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
      fade(levels(run), context);
    },
    setLive(track) {
      liveTrack = track;
      if (state.live === 'unavailable') return;
      if (!track) {
        set({ live: 'off' });
        if (run && context) fade(levels(run), context);
        return;
      }
      run?.live?.node.set(track.sound);
      set({ live: run?.live?.isReady ? 'heard' : 'starting' });
      if (run && context) fade(levels(run), context);
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
