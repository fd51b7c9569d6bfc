/** Plays sines through the product's player and listens to what leaves it; called from `listening.spec.ts`. */
import { pcmFromArrays } from '../../../shared/pcm.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import { createPlayer } from '../../../web/audio/player.ts';

export interface Heard {
  /** Largest deviation of the sound from one unbroken sine, amplitude 0.5. */
  readonly worst: number;
  /** Smallest peak in any 2.5 ms. */
  readonly lowestPeak: number;
  readonly seconds: number;
  readonly status: string;
}

const HZ = 441;
const SECONDS = 12;
const TAP = `registerProcessor('tap', class extends AudioWorkletProcessor {
  process([input]) { if (input[0]) this.port.postMessage(input[0].slice()); return true; }
})`;

/** Reads take a while, as from storage. */
function sineSource(sampleRate: number): PcmSource {
  const samples = Float32Array.from({ length: SECONDS * sampleRate }, (_, n) => 0.5 * Math.sin((2 * Math.PI * HZ * n) / sampleRate));
  const source = pcmFromArrays([samples], sampleRate);
  return { ...source, read: async (frame, frames) => (await new Promise((done) => setTimeout(done, 15)), source.read(frame, frames)) };
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

export async function listen(): Promise<Heard> {
  const pieces: Float32Array[] = [];
  let ready: Promise<void> = Promise.resolve();
  let rate = 0;
  class TappedContext extends AudioContext {
    readonly #tap: GainNode;
    constructor(options?: AudioContextOptions) {
      super(options);
      rate = this.sampleRate;
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
  const player = createPlayer(
    [
      { name: 'target', open: async () => sineSource(48000), gain: 1, loops: false },
      { name: 'result', open: async () => sineSource(48000), gain: 1, loops: false },
      { name: 'reference', open: async () => sineSource(44100), gain: 1, loops: true },
    ],
    { durationSeconds: SECONDS, preferredHz: 48000, initial: 'target' },
  );
  await player.play();
  await ready;
  await wait(1700);
  player.switchTo('result');
  await wait(700);
  player.switchTo('reference');
  await wait(1700);
  player.switchTo('target');
  await wait(400);
  const { status } = player.state;
  player.pause();
  await wait(200);
  player.close();
  globalThis.AudioContext = native;

  const heard = pieces.flatMap((piece) => [...piece]);
  const loud = (value: number) => Math.abs(value) > 0.2;
  const from = heard.findIndex(loud) + 1500;
  const to = heard.findLastIndex(loud) - 1500;
  const step = 2 * Math.cos((2 * Math.PI * HZ) / rate);
  let worst = 0;
  for (let n = from + 2; n < to; n++) worst = Math.max(worst, Math.abs(heard[n]! - step * heard[n - 1]! + heard[n - 2]!));
  let lowestPeak = Infinity;
  const window = Math.round(rate * 0.0025);
  for (let n = from; n + window < to; n += window) lowestPeak = Math.min(lowestPeak, Math.max(...heard.slice(n, n + window).map(Math.abs)));
  return { worst, lowestPeak, seconds: (to - from) / rate, status };
}

Object.assign(globalThis, { listen });
