/** Plays sines through the product's player and listens to what leaves it; called from `listening.spec.ts`. */
import { pcmFromArrays } from '../../../shared/pcm.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import { createPlayer } from '../../../web/audio/player.ts';
import { loudStretch, tapped, wait, worstDeviation } from './tap.ts';

export interface Heard {
  /** Largest deviation of the sound from one unbroken sine, amplitude 0.5. */
  readonly worst: number;
  /** Smallest peak in any 2.5 ms. */
  readonly lowestPeak: number;
  readonly seconds: number;
  readonly status: string;
  /** Track of the player that took over, and how far it came. */
  readonly track: string;
  readonly wentOn: number;
}

const HZ = 441;
const SECONDS = 12;

/** Reads take a while, as from storage. */
function sineSource(sampleRate: number): PcmSource {
  const samples = Float32Array.from({ length: SECONDS * sampleRate }, (_, n) => 0.5 * Math.sin((2 * Math.PI * HZ * n) / sampleRate));
  const source = pcmFromArrays([samples], sampleRate);
  return { ...source, read: async (frame, frames) => (await new Promise((done) => setTimeout(done, 15)), source.read(frame, frames)) };
}

export async function listen(): Promise<Heard> {
  let [status, track, wentOn] = ['', '', 0];
  const heard = await tapped(async (listening) => {
    const player = createPlayer(
      [
        { name: 'target', open: async () => sineSource(48000), gain: 1, loops: false },
        { name: 'result', open: async () => sineSource(48000), gain: 1, loops: false },
        { name: 'reference', open: async () => sineSource(44100), gain: 1, loops: true },
      ],
      { durationSeconds: SECONDS, preferredHz: 48000, initial: 'target' },
    );
    await player.play();
    await listening();
    await wait(1700);
    player.switchTo('result');
    await wait(700);
    player.switchTo('reference');
    await wait(1700);
    player.switchTo('target');
    await wait(400);
    // Another takes over and plays on, from the same sample.
    const next = createPlayer<'target' | 'result' | 'reference'>(
      [
        { name: 'target', open: async () => sineSource(48000), gain: 1, loops: false },
        { name: 'result', open: async () => sineSource(48000), gain: 1, loops: false },
      ],
      { durationSeconds: SECONDS, preferredHz: 48000, initial: 'result' },
    );
    const before = player.state.positionSeconds;
    next.takeOver(player);
    await wait(1200);
    status = next.state.status;
    wentOn = next.state.positionSeconds - before;
    track = next.state.track;
    next.pause();
    await wait(200);
    next.close();
  });

  const { from, to } = loudStretch(heard, 0.2);
  let lowestPeak = Infinity;
  const window = Math.round(heard.sampleRate * 0.0025);
  for (let n = from; n + window < to; n += window) lowestPeak = Math.min(lowestPeak, heard.samples.subarray(n, n + window).reduce((high, x) => Math.max(high, Math.abs(x)), 0));
  return { worst: worstDeviation(heard, HZ, from, to), lowestPeak, seconds: (to - from) / heard.sampleRate, status, track, wentOn };
}

Object.assign(globalThis, { listen });
