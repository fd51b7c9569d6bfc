/** One run of a recording through a live chain on the audio thread: the part of the processor that needs no browser. */
import type { Style } from '../../../shared/style.ts';
import { LiveChain, type LiveSound } from '../../../wasm/rendering/live-chain.ts';
import type { LiveNews, LiveOptions, LiveOrder } from './messages.ts';
import { Tape } from './tape.ts';

const KEPT_SECONDS = 1;

export class LiveVoice {
  readonly #options: LiveOptions;
  readonly #sampleRate: number;
  readonly #report: (news: LiveNews) => void;
  readonly #tape: Tape;
  #irs: Style['irs'] = {};
  #chain: LiveChain | null = null;
  #run: { readonly fromFrame: number; readonly contextFrame: number } | null = null;
  #isReady = false;
  #missing = 0;
  isOver = false;

  constructor(options: LiveOptions, sampleRate: number, report: (news: LiveNews) => void) {
    this.#options = options;
    this.#sampleRate = sampleRate;
    this.#report = report;
    this.#tape = new Tape(options.channels, options.frames, KEPT_SECONDS * sampleRate);
  }

  obey(order: LiveOrder): void {
    switch (order.type) {
      case 'tape':
        this.#tape.add(order.frame, order.rows);
        break;
      case 'responses':
        this.#irs = order.irs;
        break;
      case 'sound':
        this.#sound({ style: { ...order.style, irs: this.#irs }, settings: order.settings });
        break;
      case 'run':
        this.#run = order;
        this.#isReady = false;
        this.#chain?.seek();
        break;
      case 'end':
        this.isOver = true;
    }
  }

  #sound(sound: LiveSound): void {
    if (this.#chain) this.#chain.set(sound);
    else this.#chain = new LiveChain(this.#options.engine, this.#sampleRate, this.#tape, sound);
  }

  /** @param contextFrame of the first sample; both rows are zeros at first */
  process(contextFrame: number, left: Float32Array, right: Float32Array): void {
    const [run, chain] = [this.#run, this.#chain];
    if (!run || this.isOver) return;
    const frame = run.fromFrame + contextFrame - run.contextFrame;
    const early = Math.max(0, -(contextFrame - run.contextFrame));
    this.#tape.forget(frame);
    if (!chain) return;
    if (!this.#isReady) {
      // Ready for a moment that is still to come, so that nothing is heard of the way there.
      if (!chain.approach(Math.max(run.fromFrame, frame), left.length)) return;
      this.#isReady = true;
      this.#report({ type: 'ready' });
    }
    if (early >= left.length) return;
    if (chain.render(frame + early, left.subarray(early), right.subarray(early))) return;
    this.#missing += left.length;
    this.#report({ type: 'missing', frames: this.#missing });
  }
}
