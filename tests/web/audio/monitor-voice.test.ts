import { beforeAll, expect, test } from 'vitest';
import type { EngineBinary } from '../../../wasm/host/engine.ts';
import { LiveChain, type LiveSound } from '../../../wasm/rendering/live-chain.ts';
import type { MonitorNews } from '../../../web/audio/input/monitor-messages.ts';
import { MonitorVoice } from '../../../web/audio/input/monitor-voice.ts';
import { InputRing } from '../../../web/audio/input/input-ring.ts';
import { engineBinary } from '../../support/engine.ts';
import { difference } from '../../support/samples.ts';
import { musicLike } from '../../support/signals.ts';
import { STYLE_WITH_EVERYTHING } from '../../support/styles.ts';

let engine: EngineBinary;
beforeAll(async () => {
  engine = await engineBinary();
});

const RATE = 48_000;
const QUANTUM = 128;
const SOUND: LiveSound = { style: STYLE_WITH_EVERYTHING, settings: { gainDb: -3, ceilingDbtp: -1 } };
const [LEFT, RIGHT] = musicLike(2, RATE, 7) as [Float32Array, Float32Array];

/** Plays the microphone through the voice; `before` is called ahead of each quantum. */
function play(from: number, before: (frame: number, voice: MonitorVoice) => void, gapAt = Infinity) {
  const news: MonitorNews[] = [];
  const voice = new MonitorVoice({ engine, channels: 2 }, RATE, (told) => news.push(told));
  const out = [new Float32Array(LEFT.length), new Float32Array(LEFT.length)] as const;
  for (let at = 0; at + QUANTUM <= LEFT.length; at += QUANTUM) {
    before(at, voice);
    if (at === gapAt) continue;
    const row = (samples: Float32Array) => samples.subarray(at, at + QUANTUM);
    voice.process(from + at, [row(LEFT), row(RIGHT)], row(out[0]), row(out[1]));
  }
  return { news, out };
}

test('without a style the microphone is heard as it is, and at once', () => {
  const { news, out } = play(5000, (frame, voice) => frame === 0 && voice.obey({ type: 'sound', sound: null }));
  expect(news).toEqual([{ latencyFrames: 0 }]);
  expect(difference(out[0].subarray(2000, 90_000), LEFT.subarray(2000, 90_000)).largest).toBe(0);
});

test('through a style the microphone sounds as the live chain has it, later by the latency that is told', () => {
  const { news, out } = play(9600, (frame, voice) => frame === 0 && voice.obey({ type: 'sound', sound: SOUND }));
  const { latencyFrames } = news[0]!;
  expect(latencyFrames).toBeGreaterThan(0);
  const ring = new InputRing(2, LEFT.length);
  ring.add(9600, [LEFT, RIGHT]);
  const frames = 2 * RATE - latencyFrames - 24_000;
  const [left, right] = [new Float32Array(frames), new Float32Array(frames)];
  new LiveChain(engine, RATE, ring, SOUND).render(9600, left, right);
  const from = 24_000;
  expect(difference(out[0].subarray(from + latencyFrames, from + frames - 24_000), left.subarray(from, frames - 24_000 - latencyFrames)).largest).toBeLessThan(1e-6);
});

test('a changed sound fades out and in without a click, and a missed moment leaves no lasting delay', () => {
  const { news, out } = play(0, (frame, voice) => {
    if (frame === 0) voice.obey({ type: 'sound', sound: null });
    if (frame === 24_064) voice.obey({ type: 'sound', sound: SOUND });
    if (frame === 60_032) voice.obey({ type: 'sound', sound: null });
  }, 40_064);
  expect(news).toHaveLength(3);
  expect(difference(out[0].subarray(70_000, 90_000), LEFT.subarray(70_000, 90_000)).largest).toBe(0);
});

test('ended, it is silent', () => {
  const { out } = play(0, (frame, voice) => {
    if (frame === 0) voice.obey({ type: 'sound', sound: null });
    if (frame === 48_000) voice.obey({ type: 'end' });
  });
  expect(out[0].subarray(48_000).every((sample) => sample === 0)).toBe(true);
});
