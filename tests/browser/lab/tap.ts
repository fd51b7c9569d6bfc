/** Listens to what leaves a page's AudioContext. */
const TAP = `registerProcessor('tap', class extends AudioWorkletProcessor {
  process([input]) { if (input[0]) this.port.postMessage(input[0].slice()); return true; }
})`;

export interface Tape {
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

export const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** The first channel of everything that is played while `play` runs. @param play is called with what resolves when the tap listens */
export async function tapped(play: (listening: () => Promise<void>) => Promise<void>): Promise<Tape> {
  const pieces: Float32Array[] = [];
  let ready: Promise<void> = Promise.resolve();
  let sampleRate = 0;
  class TappedContext extends AudioContext {
    readonly #tap: GainNode;
    constructor(options?: AudioContextOptions) {
      super(options);
      sampleRate = this.sampleRate;
      this.#tap = new GainNode(this);
      this.#tap.connect(super.destination);
      const address = URL.createObjectURL(new Blob([TAP], { type: 'text/javascript' }));
      ready = this.audioWorklet.addModule(address).then(() => {
        const node = new AudioWorkletNode(this, 'tap');
        node.port.onmessage = ({ data }) => pieces.push(data as Float32Array);
        this.#tap.connect(node);
      });
    }
    override get destination(): AudioDestinationNode {
      return this.#tap as unknown as AudioDestinationNode;
    }
  }
  const native = globalThis.AudioContext;
  globalThis.AudioContext = TappedContext;
  try {
    await play(() => ready);
  } finally {
    globalThis.AudioContext = native;
  }
  const samples = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return { samples, sampleRate };
}

/** Largest deviation from an unbroken sine between `from` and `to`, by the sine's own recursion. */
export function worstDeviation({ samples, sampleRate }: Tape, hz: number, from: number, to: number): number {
  const step = 2 * Math.cos((2 * Math.PI * hz) / sampleRate);
  let worst = 0;
  for (let n = from + 2; n < to; n += 1) worst = Math.max(worst, Math.abs(samples[n]! - step * samples[n - 1]! + samples[n - 2]!));
  return worst;
}

/** The stretch that is over a level, without its ends. */
export function loudStretch({ samples }: Tape, level: number): { readonly from: number; readonly to: number } {
  const isLoud = (value: number) => Math.abs(value) > level;
  return { from: samples.findIndex(isLoud) + 1500, to: samples.findLastIndex(isLoud) - 1500 };
}
