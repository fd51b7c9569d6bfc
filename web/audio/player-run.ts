/** One stretch of playing on an AudioContext: its nodes, how pieces of tracks join it, and how it ends. */
import type { LiveNode } from './live/live-node.ts';

/** Time constant of a fade: 15 ms to -26 dB. */
const FADE_TIME_CONSTANT = 0.005;
/** By then a fade has reached -87 dB. */
const FADED_SECONDS = 0.06;
/** A fade begins this far ahead, so that it is known to the thread that renders before its time has come. */
const FADE_LEAD_SECONDS = 0.01;

/** As soon as a fade can begin, s. */
export const soon = (audio: AudioContext): number => audio.currentTime + FADE_LEAD_SECONDS;

/** One uninterrupted stretch of playing; a seek begins another. */
export interface Run {
  readonly fromFrame: number;
  readonly output: GainNode;
  readonly gains: ReadonlyMap<string, GainNode>;
  readonly sources: Set<AudioBufferSourceNode>;
  /** Null without a live track, or where the browser has none. */
  live: { readonly node: LiveNode; readonly gain: GainNode; isReady: boolean } | null;
  nextFrame: number;
  /** Time of the context at which `fromFrame` sounds; null until the first piece is there. */
  startTime: number | null;
  /** Who is heard until this run is, in the same context. */
  before: Playing | null;
  ended: boolean;
}

/** What one player hands to another. */
export interface Playing {
  readonly audio: AudioContext;
  readonly run: Run;
  /** Ends the run, at a time of the context. */
  end(atSeconds: number): void;
}

/**
 * Every gain from one instant (the clock moves while a script runs) and from wherever it is by then: at any moment the
 * gains of the tracks add up to one, so one sound in two tracks crosses over unchanged.
 * @param start  s on the context's clock
 */
export function fade(fades: readonly (readonly [GainNode, number])[], audio: AudioContext, start = soon(audio)): void {
  for (const [{ gain }, value] of fades) gain.setTargetAtTime(value, start, FADE_TIME_CONSTANT);
}

/** Fades a run out and puts its nodes away. @param start s on the context's clock */
export function silence(ending: Run, audio: AudioContext, start = soon(audio)): void {
  fade([[ending.output, 0]], audio, start);
  setTimeout(() => {
    ending.ended = true;
    for (const source of ending.sources) source.stop();
    ending.live?.node.end();
    ending.output.disconnect();
  }, 1000 * (start - audio.currentTime + FADED_SECONDS));
}

/** Lets a piece of a track sound at a time of the context. */
export function schedule(current: Run, audio: AudioContext, name: string, channels: readonly Float32Array<ArrayBuffer>[], time: number): void {
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
