/** A microphone heard through a style's chain as it plays: the part of the processor that needs no browser. */
import { LiveChain, type LiveSound } from '../../../wasm/rendering/live-chain.ts';
import { InputRing } from './input-ring.ts';
import type { MonitorNews, MonitorOptions, MonitorOrder } from './monitor-messages.ts';

const KEPT_SECONDS = 1;
/** A new sound comes in and an old one goes out over this long, one after the other. */
const FADE_SECONDS = 0.02;

export class MonitorVoice {
  readonly #options: MonitorOptions;
  readonly #sampleRate: number;
  readonly #report: (news: MonitorNews) => void;
  readonly #ring: InputRing;
  #chain: LiveChain | null = null;
  #latencyFrames = 0;
  #waiting: { readonly sound: LiveSound | null } | null = null;
  #gain = 0;
  #nextFrame = 0;
  isOver = false;

  constructor(options: MonitorOptions, sampleRate: number, report: (news: MonitorNews) => void) {
    this.#options = options;
    this.#sampleRate = sampleRate;
    this.#report = report;
    this.#ring = new InputRing(options.channels, KEPT_SECONDS * sampleRate);
  }

  obey(order: MonitorOrder): void {
    switch (order.type) {
      case 'sound':
        this.#waiting = { sound: order.sound };
        break;
      case 'end':
        this.isOver = true;
        break;
      default:
        return order satisfies never;
    }
  }

  /** @param input  at the context's frame `contextFrame`; the other rows are filled */
  process(contextFrame: number, input: readonly Float32Array[], left: Float32Array, right: Float32Array): void {
    if (!input[0] || this.isOver) return;
    this.#ring.add(contextFrame, input);
    // After a moment the machine could not keep up with, the chain would stay behind by it.
    if (contextFrame !== this.#nextFrame) this.#chain?.seek();
    this.#nextFrame = contextFrame + left.length;
    if (this.#waiting && this.#gain === 0) this.#change(this.#waiting.sound);
    const frame = contextFrame - this.#latencyFrames;
    if (!this.#chain) this.#ring.read(frame, left, right);
    else if (this.#chain.approach(frame, left.length)) this.#chain.render(frame, left, right);
    else return;
    this.#fade(left, right);
  }

  /** A changed sound takes the time its chain needs; a longer chain cannot be joined to a shorter one without a gap. */
  #change(sound: LiveSound | null): void {
    this.#waiting = null;
    this.#chain = sound ? new LiveChain(this.#options.engine, this.#sampleRate, this.#ring, sound) : null;
    this.#latencyFrames = this.#chain?.latencyFrames ?? 0;
    this.#report({ latencyFrames: this.#latencyFrames });
  }

  #fade(left: Float32Array, right: Float32Array): void {
    const step = 1 / (FADE_SECONDS * this.#sampleRate);
    const isLeaving = this.#waiting !== null;
    if (!isLeaving && this.#gain === 1) return;
    for (let i = 0; i < left.length; i += 1) {
      this.#gain = isLeaving ? Math.max(0, this.#gain - step) : Math.min(1, this.#gain + step);
      left[i]! *= this.#gain;
      right[i]! *= this.#gain;
    }
  }
}
