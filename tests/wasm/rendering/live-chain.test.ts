import { expect, test } from 'vitest';
import type { Style } from '../../../shared/style.ts';
import { LiveChain, type LiveInput } from '../../../wasm/rendering/live-chain.ts';
import { GOLDEN_CASES } from '../../golden/cases.ts';
import { engineBinary } from '../../support/engine.ts';
import { renderArrays, styleWith } from '../../support/rendering.ts';
import { nullDb } from '../../support/samples.ts';
import { musicLike, randomNumbers, sine } from '../../support/signals.ts';

const RATE = 48_000;
const QUANTUM = 128;

const inputOf = (channels: readonly Float32Array[], oldestFrame = 0): LiveInput => ({
  channels: channels.length === 1 ? 1 : 2,
  frames: channels[0]!.length,
  oldestFrame,
  read(frame, left, right) {
    [left, right].forEach((row, c) => {
      const from = channels[c] ?? channels[0]!;
      for (let i = 0; i < row.length; i += 1) row[i] = from[frame + i] ?? 0;
    });
    return true;
  },
});

const still = { gainDb: 0, ceilingDbtp: null } as const;
const limited = (gainDb: number) => ({ gainDb, ceilingDbtp: -1 }) as const;

/** Everything from `from` to `to`, in blocks of the audio thread or of the given lengths. */
function hear(chain: LiveChain, from: number, to: number, lengthOf: () => number = () => QUANTUM): [Float32Array, Float32Array] {
  const out: [Float32Array, Float32Array] = [new Float32Array(to - from), new Float32Array(to - from)];
  for (let at = from; at < to; ) {
    const frames = Math.min(lengthOf(), to - at);
    chain.render(at, out[0].subarray(at - from, at - from + frames), out[1].subarray(at - from, at - from + frames));
    at += frames;
  }
  return out;
}

test.each(GOLDEN_CASES.map(({ name, style }) => [name, style] as const))('%s sounds live as a sequential render writes it, bit for bit', async (_, style) => {
  const channels = musicLike(1.5, RATE, 5);
  const engine = await engineBinary();
  const { report, channels: rendered } = await renderArrays(channels, RATE, style, { engine });
  const chain = new LiveChain(engine, RATE, inputOf(channels), { style, settings: report.settings });
  const random = randomNumbers(3);
  for (const lengthOf of [() => QUANTUM, () => 1 + Math.floor(random() * 700)]) {
    chain.seek();
    const heard = hear(chain, 0, report.frames, lengthOf);
    rendered.forEach((row, c) => expect(Buffer.from(heard[c]!.buffer).equals(Buffer.from(row.buffer, row.byteOffset, row.byteLength))).toBe(true));
  }
});

test('a reverb that rings out for a while ends live where its render ends, and is silent after', async () => {
  const channels = musicLike(1.5, RATE, 5);
  const engine = await engineBinary();
  const style = structuredClone(GOLDEN_CASES.find(({ name }) => name === 'reverb')!.style);
  style.modules.reverb.values.ringOutSeconds = 0.123;
  const { report, channels: rendered } = await renderArrays(channels, RATE, style, { engine });
  expect(report.frames).toBe(channels[0].length + Math.round(0.123 * RATE));
  const heard = hear(new LiveChain(engine, RATE, inputOf(channels), { style, settings: report.settings }), 0, report.frames + 500);
  rendered.forEach((row, c) => {
    expect(heard[c]!.subarray(0, report.frames)).toEqual(row);
    expect(heard[c]!.subarray(report.frames).every((x) => x === 0)).toBe(true);
  });
});

test('mono sounds live as it is rendered, on both sides', async () => {
  const [mono] = musicLike(1, 44_100, 6);
  const style = styleWith({ eq: { bands: [{ type: 'peak', fHz: 900, q: 1, gainDb: 6 }] }, lufs: { targetDb: -14 } });
  const engine = await engineBinary();
  const { report, channels } = await renderArrays([mono], 44_100, style, { engine });
  const heard = hear(new LiveChain(engine, 44_100, inputOf([mono]), { style, settings: report.settings }), 0, report.frames);
  expect(heard[0]).toEqual(channels[0]);
  expect(heard[1]).toEqual(channels[0]);
});

const shelf = (gainDb: number): Style => styleWith({ eq: { bands: [{ type: 'low_shelf', fHz: 200, q: 0.7, gainDb }] } });
const squeezed: Style = styleWith({
  eq: shelf(3).modules.eq.values,
  dynamics: {
    crossover1Hz: 120, crossover2Hz: 1000, crossover3Hz: 5000,
    bands: [{ thresholdDb: -30, ratio: 3, lowThresholdDb: -90, lowRatio: 1, kneeDb: 6, attackMs: 5, releaseMs: 100, rmsMs: 10, makeupDb: 6 }],
  },
});

test('a knob is heard within 50 ms, and soon all of it', async () => {
  const engine = await engineBinary();
  const channels = musicLike(4, RATE, 7);
  for (const style of [shelf(9), squeezed]) {
    const before = new LiveChain(engine, RATE, inputOf(channels), { style: shelf(0.5), settings: still });
    const changed = new LiveChain(engine, RATE, inputOf(channels), { style: shelf(0.5), settings: still });
    const always = new LiveChain(engine, RATE, inputOf(channels), { style, settings: still });
    const [old, wanted] = [hear(before, 0, 3 * RATE)[0], hear(always, 0, 3 * RATE)[0]];
    hear(changed, 0, RATE);
    changed.set({ style, settings: still });
    const heard = hear(changed, RATE, 3 * RATE)[0];
    const first = heard.findIndex((x, i) => x !== old[RATE + i]);
    expect(first).toBeGreaterThanOrEqual(0);
    expect((1000 * first) / RATE).toBeLessThan(50);
    expect(nullDb(heard.subarray(RATE), wanted.subarray(2 * RATE))).toBeLessThan(-60);
  }
});

test('turning knobs and switches makes no click: a sine stays a sine', async () => {
  const engine = await engineBinary();
  const tone = [sine(3 * RATE, 220, RATE, 0.2), sine(3 * RATE, 220, RATE, 0.2)];
  const chain = new LiveChain(engine, RATE, inputOf(tone), { style: shelf(0.5), settings: limited(0) });
  const out = new Float32Array(3 * RATE);
  for (let at = 0, turn = 0; at < out.length; at += QUANTUM, turn += 1) {
    if (turn % 37 === 20) chain.set({ style: turn % 2 === 0 ? shelf(0.5 + (turn % 60) / 10) : squeezed, settings: limited((turn % 5) / 2) });
    chain.render(at, out.subarray(at, at + QUANTUM), new Float32Array(Math.min(QUANTUM, out.length - at)));
  }
  // What is not the sine: its second difference, as the sine's own recursion would have it. A step of 1 % leaves 0.002.
  const step = 2 * Math.cos((2 * Math.PI * 220) / RATE);
  let worst = 0;
  for (let n = RATE / 10; n < out.length; n += 1) worst = Math.max(worst, Math.abs(out[n]! - step * out[n - 1]! + out[n - 2]!));
  expect(worst).toBeLessThan(2e-4);
});

test('a seek starts from half a second before, or from what is kept', async () => {
  const engine = await engineBinary();
  const channels = musicLike(3, RATE, 8);
  const whole = hear(new LiveChain(engine, RATE, inputOf(channels), { style: squeezed, settings: limited(3) }), 0, 3 * RATE)[0];
  const chain = new LiveChain(engine, RATE, inputOf(channels), { style: squeezed, settings: limited(3) });
  hear(chain, 0, RATE / 2);
  chain.seek();
  expect(nullDb(hear(chain, 2 * RATE, 3 * RATE)[0], whole.subarray(2 * RATE))).toBeLessThan(-50);
  const short = new LiveChain(engine, RATE, inputOf(channels, 2 * RATE - 100), { style: squeezed, settings: limited(3) });
  expect(hear(short, 2 * RATE, 2 * RATE + QUANTUM)[0].every(Number.isFinite)).toBe(true);
});
