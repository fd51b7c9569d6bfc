/**
 * Plays several recordings on one line of time and switches between them without a gap. Each is read in pieces and
 * scheduled ahead on one AudioContext, so an hour needs no more memory than a minute. One track may be played live: while
 * a sound is set, it is made from another track on the audio thread instead of read.
 */
import { createStore } from 'solid-js/store';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { EngineBinary } from '../../wasm/host/engine.ts';
import { createLiveNode, loadLiveProcessor } from './live/live-node.ts';
import { loopedReader, paddedReader } from './frame-reader.ts';
import { resampledReader } from './playback-resampler.ts';
import type { FrameReader } from './playback-resampler.ts';
import { fade, type Playing, type Run, schedule, silence, soon } from './player-run.ts';
import type { LivePlan, LiveState, LiveTrack, Player, PlayerStatus, PlayerTrack } from './player-contract.ts';

/** As long may the page be busy without a dropout. */
const AHEAD_SECONDS = 5;
/** The live chain begins before what it plays, so that filters and rooms are as they would be. */
const LIVE_LEAD_SECONDS = 0.6;
/** The first piece is short so that sound starts at once. */
const FIRST_PIECE_SECONDS = 0.25;
const PIECE_SECONDS = 1;
const PUMP_MS = 250;
const START_DELAY_SECONDS = 0.05;
/** Until it is this much later, who takes over has read its first piece. */
const TAKE_OVER_SECONDS = 0.4;

/** Gives away what a player plays, once and for all; null where it does not. */
const givers = new WeakMap<object, () => Playing | null>();

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
    ending.before?.end(soon(audio));
    silence(ending, audio);
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
          if (current.before) follows(current, current.before, audio);
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

  /** Sets a run's start so that it goes on where the one before is; at that moment one gives way to the other. */
  function follows(current: Run, before: Playing, audio: AudioContext): void {
    const due = before.run.startTime! + (current.fromFrame - before.run.fromFrame) / audio.sampleRate;
    // Too late: it says the last moments again.
    current.startTime = Math.max(due, current.startTime!);
    fade([[current.output, 1]], audio, current.startTime);
    before.end(current.startTime);
    current.before = null;
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

  function begin(positionSeconds: number, before: Playing | null = null): void {
    const audio = openContext();
    const output = audio.createGain();
    output.gain.value = 0;
    if (!before) fade([[output, 1]], audio);
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
    run = { fromFrame, nextFrame: fromFrame, output, gains, sources: new Set(), live: null, startTime: null, before, ended: false };
    set({ status: 'loading', positionSeconds, error: null, live: state.live === 'heard' ? 'starting' : state.live });
    void pump(run, audio);
    animation = requestAnimationFrame(follow);
  }

  const player: Player<N> = {
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
    takeOver(before) {
      const { track, positionSeconds, status } = before.state;
      if (tracks.some(({ name }) => name === track)) set({ track });
      const playing = givers.get(before)?.() ?? null;
      before.close();
      if (!playing) {
        player.seek(positionSeconds);
        if (status === 'loading') void player.play();
        return;
      }
      context = playing.audio;
      const position = positionOf(playing.run, context) + TAKE_OVER_SECONDS;
      if (position < durationSeconds) return begin(position, playing);
      playing.end(soon(context));
      set({ positionSeconds: durationSeconds });
    },
    close() {
      closed = true;
      endRun();
      const closing = context;
      context = null;
      if (closing) setTimeout(() => void closing.close(), 200);
    },
  };
  givers.set(player, () => {
    const [playing, audio] = [run, context];
    if (!playing || !audio || playing.startTime === null) return null;
    [run, context] = [null, null];
    cancelAnimationFrame(animation);
    return { audio, run: playing, end: (atSeconds) => silence(playing, audio, atSeconds) };
  });
  return player;
}
