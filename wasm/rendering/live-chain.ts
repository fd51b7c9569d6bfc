/**
 * A style's whole chain, for hearing it while it is changed: frame by frame, what a sequential render would write.
 *
 * Two stages as in a render, joined without a scratch: the body, then gain and limiter with what a render decided about
 * them. A change never moves a coefficient under the sound that is heard. The changed chain is made ready beside it, then
 * the sound crosses over: where only values differ, the new one takes over the state of the old; where the row of effects
 * differs, it is first run over the last half second, a little with every call.
 */
import type { Style } from '../../shared/style.ts';
import { type Chain, type ChainStep, type Engine, type EngineBinary, openEngineAtOnce } from '../host/engine.ts';
import { bodyEndFrame } from './body.ts';
import type { FinishSettings } from './checkpoint.ts';
import { finishSteps } from './finish.ts';
import { bodySteps, limiterValues, outputChannels } from './style-chain.ts';

export interface LiveSound {
  readonly style: Style;
  readonly settings: Pick<FinishSettings, 'gainDb' | 'ceilingDbtp'>;
}

/** The recording on its line of time, silence before and after it. */
export interface LiveInput {
  readonly channels: 1 | 2;
  readonly frames: number;
  /** First frame that can still be read. */
  readonly oldestFrame: number;
  /** Fills both rows, the same twice for mono. @returns false where some of it is not there; silence stands in */
  read(frame: number, left: Float32Array, right: Float32Array): boolean;
}

/** Long enough for filters, detectors and the start of a room. */
const PRIMING_SECONDS = 0.5;
/** A chain that is made ready runs this much faster than the one that is heard. */
const PRIMING_SPEED = 24;
const CROSSING_SECONDS = 0.01;
/** Longest stretch of one call. */
const BLOCK_FRAMES = 1024;

interface Row {
  readonly body: readonly ChainStep[];
  readonly finish: readonly ChainStep[];
  readonly outputChannels: 1 | 2;
}

function rowOf({ style, settings }: LiveSound, channels: 1 | 2): Row {
  const body = bodySteps(style, channels);
  return { body, finish: finishSteps(limiterValues(style), settings), outputChannels: outputChannels(style, body, channels) };
}

/** Rows of one shape differ in values only. */
const shapeOf = ({ body, finish, outputChannels: out }: Row): string =>
  [out, ...[...body, ...finish].map(({ effect, values }) => `${effect} ${(values as { irKey?: string | null }).irKey ?? ''}`)].join();

/** The chain at one place in the recording. */
class Voice {
  readonly #body: Chain;
  readonly #finish: Chain;
  readonly #input: LiveInput;
  #row: Row;
  #endFrame: number;
  /** Next frame of input. */
  #consumed = 0;

  constructor(engine: Engine, sampleRate: number, input: LiveInput, row: Row, irs: Style['irs']) {
    this.#body = engine.createChain(sampleRate, row.body, irs);
    this.#finish = engine.createChain(sampleRate, row.finish, irs);
    this.#input = input;
    this.#row = row;
    this.#endFrame = bodyEndFrame(input.frames, row.body, this.#body);
  }

  get latencyFrames(): number {
    return this.#body.latencyFrames + this.#finish.latencyFrames;
  }

  /** Frame of the recording that comes out next. */
  get position(): number {
    return this.#consumed - this.latencyFrames;
  }

  /** Starts afresh so that it can be ready for a frame: from the recording's start, or as long before as is kept. */
  startFor(frame: number, leadFrames: number): void {
    this.#consumed = Math.max(0, this.#input.oldestFrame, frame - leadFrames);
    this.#body.reset();
    this.#finish.reset();
  }

  /** Puts out the next frames. @returns false where input was missing */
  run(left: Float32Array, right: Float32Array): boolean {
    const isThere = this.#input.read(this.#consumed, left, right);
    this.#body.process(left, right);
    // A render's body ends here; what filters still ring would reach the limiter otherwise.
    const past = this.#endFrame - (this.#consumed - this.#body.latencyFrames);
    if (past < left.length) for (const row of [left, right]) row.fill(0, Math.max(0, past));
    if (this.#row.outputChannels === 1) right.set(left);
    this.#finish.process(left, right);
    if (this.#row.outputChannels === 1) right.set(left);
    this.#consumed += left.length;
    return isThere;
  }

  /** Other values from another voice's state. @returns false where memory or latency differ: a fresh voice is needed then */
  takeOver(from: Voice, row: Row): boolean {
    row.body.forEach(({ values }, index) => this.#body.setValues(index, values));
    row.finish.forEach(({ values }, index) => this.#finish.setValues(index, values));
    const isAlike = (mine: Chain, theirs: Chain) => mine.latencyFrames === theirs.latencyFrames && mine.stateBytes === theirs.stateBytes;
    if (!isAlike(this.#body, from.#body) || !isAlike(this.#finish, from.#finish)) return false;
    this.#body.loadState(from.#body.saveState());
    this.#finish.loadState(from.#finish.saveState());
    this.#consumed = from.#consumed;
    this.#row = row;
    this.#endFrame = bodyEndFrame(this.#input.frames, row.body, this.#body);
    return true;
  }
}

/** An engine with two voices of one shape, so that values can change for as long as anybody turns a knob. */
interface Rig {
  readonly shape: string;
  readonly irs: Style['irs'];
  readonly voices: readonly [Voice, Voice];
}

export class LiveChain {
  readonly #binary: EngineBinary;
  readonly #sampleRate: number;
  readonly #input: LiveInput;
  readonly #crossing: Float32Array;
  readonly #mixed: readonly [Float32Array, Float32Array] = [new Float32Array(BLOCK_FRAMES), new Float32Array(BLOCK_FRAMES)];
  #rig: Rig;
  #heard: Voice;
  #isReady = false;
  /** Frame that is made ready for. */
  #approached: number | null = null;
  #waiting: LiveSound | null = null;
  #next: { readonly rig: Rig; readonly voice: Voice; isReady: boolean } | null = null;
  #crossed = 0;

  /** @param sampleRate Hz, of the recording and the output */
  constructor(binary: EngineBinary, sampleRate: number, input: LiveInput, sound: LiveSound) {
    this.#binary = binary;
    this.#sampleRate = sampleRate;
    this.#input = input;
    // Both sides are alike but for what was changed: their amplitudes add up to one.
    const frames = Math.round(CROSSING_SECONDS * sampleRate);
    this.#crossing = Float32Array.from({ length: frames }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / frames));
    this.#rig = this.#open(sound);
    this.#heard = this.#rig.voices[0];
  }

  /** How far ahead of what it puts out the chain that is heard reads its input. */
  get latencyFrames(): number {
    return this.#heard.latencyFrames;
  }

  /** What is to be heard from now on. Only the latest of several counts. */
  set(sound: LiveSound): void {
    this.#waiting = sound;
  }

  /** The next call may be for any frame; the chain is run up to it first. */
  seek(): void {
    this.#isReady = false;
    this.#approached = null;
  }

  /**
   * Makes ready for a frame that is to be rendered soon, a little at a time.
   * @param frames a moment of playing: what the call may cost is in proportion to it
   * @returns whether `render` may be called for that frame
   */
  approach(frame: number, frames: number): boolean {
    if (this.#isReady) return true;
    if (this.#approached === null || this.#heard.position > frame) this.#jump(frame);
    this.#approached = frame;
    this.#isReady = this.#prime(this.#heard, frame, PRIMING_SPEED * frames);
    return this.#isReady;
  }

  /**
   * The sound of frames `frame` onwards. Calls follow one another without a gap, or after `seek`.
   * @returns false where input was missing
   */
  render(frame: number, left: Float32Array, right: Float32Array): boolean {
    if (!this.#isReady) this.approach(frame, Infinity);
    let isThere = true;
    for (let at = 0; at < left.length; at += BLOCK_FRAMES) {
      const end = Math.min(left.length, at + BLOCK_FRAMES);
      isThere = this.#block(frame + at, left.subarray(at, end), right.subarray(at, end)) && isThere;
    }
    return isThere;
  }

  #open(sound: LiveSound): Rig {
    const engine = openEngineAtOnce(this.#binary);
    const row = rowOf(sound, this.#input.channels);
    const voice = () => new Voice(engine, this.#sampleRate, this.#input, row, sound.style.irs);
    return { shape: shapeOf(row), irs: sound.style.irs, voices: [voice(), voice()] };
  }

  /** To another place; what waits is taken along. */
  #jump(frame: number): void {
    if (this.#waiting) this.#rig = this.#open(this.#waiting);
    else if (this.#next) this.#rig = this.#next.rig;
    this.#heard = this.#waiting || !this.#next ? this.#rig.voices[0] : this.#next.voice;
    this.#waiting = null;
    this.#next = null;
    this.#heard.startFor(frame, this.#leadFrames);
  }

  get #leadFrames(): number {
    return Math.round(PRIMING_SECONDS * this.#sampleRate);
  }

  /** Runs a voice towards a frame. @returns whether it has come there */
  #prime(voice: Voice, frame: number, most: number): boolean {
    for (let left = most; voice.position < frame && left > 0; ) {
      const frames = Math.min(BLOCK_FRAMES, frame - voice.position, left);
      voice.run(this.#mixed[0].subarray(0, frames), this.#mixed[1].subarray(0, frames));
      left -= frames;
    }
    return voice.position >= frame;
  }

  #block(frame: number, left: Float32Array, right: Float32Array): boolean {
    if (!this.#next && this.#waiting) this.#change(this.#waiting, frame);
    const next = this.#next;
    if (next && !next.isReady) next.isReady = this.#prime(next.voice, frame, PRIMING_SPEED * left.length);
    const isThere = this.#heard.run(left, right);
    if (next?.isReady) this.#cross(next, left, right);
    return isThere;
  }

  #change(sound: LiveSound, frame: number): void {
    this.#waiting = null;
    const row = rowOf(sound, this.#input.channels);
    const spare = this.#rig.voices[this.#heard === this.#rig.voices[0] ? 1 : 0];
    if (shapeOf(row) === this.#rig.shape && spare.takeOver(this.#heard, row)) {
      this.#next = { rig: this.#rig, voice: spare, isReady: true };
      return;
    }
    const rig = this.#open(sound);
    rig.voices[0].startFor(frame, this.#leadFrames);
    this.#next = { rig, voice: rig.voices[0], isReady: false };
  }

  #cross(next: { readonly rig: Rig; readonly voice: Voice }, left: Float32Array, right: Float32Array): void {
    const [newLeft, newRight] = [this.#mixed[0].subarray(0, left.length), this.#mixed[1].subarray(0, left.length)];
    next.voice.run(newLeft, newRight);
    for (let i = 0; i < left.length; i += 1) {
      const share = this.#crossing[this.#crossed + i] ?? 1;
      left[i]! += share * (newLeft[i]! - left[i]!);
      right[i]! += share * (newRight[i]! - right[i]!);
    }
    this.#crossed += left.length;
    if (this.#crossed < this.#crossing.length) return;
    this.#crossed = 0;
    this.#rig = next.rig;
    this.#heard = next.voice;
    this.#next = null;
  }
}
