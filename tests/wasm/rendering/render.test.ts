import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { neutralStyle, type Style } from '../../../shared/style.ts';
import { render, type RenderCheckpoint, settle } from '../../../wasm/rendering/render.ts';
import { memoryScratch } from '../../../wasm/rendering/scratch.ts';
import { engineBinary } from '../../support/engine.ts';
import { memorySink, renderArrays, styleWith } from '../../support/rendering.ts';
import { difference } from '../../support/samples.ts';
import { musicLike, randomNumbers } from '../../support/signals.ts';

const RATE = 48_000;
const [left, right] = musicLike(8, RATE, 1);

/** A decaying noise response. */
function decay(seconds: number, seed: number): Float32Array {
  const random = randomNumbers(seed);
  return Float32Array.from({ length: Math.round(seconds * RATE) }, (_, i) => (random() * 2 - 1) * 0.05 * Math.exp((-6.9 * i) / (seconds * RATE)));
}

const IR_KEY = 'a'.repeat(64);

function fullStyle(): Style {
  return styleWith(
    {
      eq: { bands: [{ type: 'low_shelf', fHz: 120, q: 0.7, gainDb: 3 }, { type: 'peak', fHz: 2500, q: 1, gainDb: -4 }] },
      dynamics: {
        crossover1Hz: 120, crossover2Hz: 1000, crossover3Hz: 5000,
        bands: [{ thresholdDb: -30, ratio: 3, lowThresholdDb: -80, lowRatio: 1, kneeDb: 6, attackMs: 10, releaseMs: 120, rmsMs: 5, makeupDb: 2 }],
      },
      exciter: { fHz: 4000, driveDb: 12, even: 0.3, amount: 0.2 },
      stereo: { crossover1Hz: 250, crossover2Hz: 4000, widthLow: 0.8, widthMid: 1.2, widthHigh: 1.4 },
      reverb: { irKey: IR_KEY, mix: 0.3, preDelayMs: 10, ringOutSeconds: 30 },
      lufs: { targetDb: -11 },
      limiter: { tpDb: -1, lookaheadMs: 3, releaseMs: 100 },
    },
    { [IR_KEY]: { sampleRate: RATE, channels: [decay(0.8, 2), decay(0.8, 3)] } },
  );
}

test('a neutral style gives the recording back, bit for bit', async () => {
  const { channels, report } = await renderArrays([left, right], RATE, neutralStyle('', 'B'), { engine: await engineBinary() });
  expect(difference(channels[0]!, left)).toEqual({ lengths: [left.length, left.length], first: -1, largest: 0 });
  expect(difference(channels[1]!, right).first).toBe(-1);
  expect(report).toMatchObject({ frames: left.length, channels: 2, gainDb: 0, notices: [] });
});

test('a style at no intensity gives the recording back', async () => {
  const style = fullStyle();
  style.intensity = 0;
  const { channels } = await renderArrays([left.map((x) => x * 0.5), right.map((x) => x * 0.5)], RATE, style, { engine: await engineBinary() });
  expect(difference(channels[0]!, left.map((x) => x * 0.5)).first).toBe(-1);
});

test.each([[0, 0], [0.25, 0.25], [30, 1.3915]])('a tail of 1.39 s that may ring out for %d s lengthens the result by %d s, and changes nothing before', async (ringOutSeconds, seconds) => {
  const engine = await engineBinary();
  const style = fullStyle();
  for (const name of ['lufs', 'limiter'] as const) style.modules[name].enabled = false;
  const whole = await renderArrays([left, right], RATE, style, { engine });
  style.modules.reverb.values.ringOutSeconds = ringOutSeconds;
  const { channels, report } = await renderArrays([left, right], RATE, style, { engine });
  expect(report.frames - left.length).toBe(Math.round(seconds * RATE));
  expect(difference(channels[0]!, whole.channels[0]!.subarray(0, report.frames)).first).toBe(-1);
});

test('a full chain gives the same samples for every chunk length', async () => {
  const engine = await engineBinary();
  const whole = await renderArrays([left, right], RATE, fullStyle(), { engine, chunkSeconds: 60 });
  for (const chunkSeconds of [0.37, 6]) {
    const pieces = await renderArrays([left, right], RATE, fullStyle(), { engine, chunkSeconds });
    expect(difference(pieces.channels[0]!, whole.channels[0]!).first).toBe(-1);
    expect(difference(pieces.channels[1]!, whole.channels[1]!).first).toBe(-1);
    expect(pieces.report).toEqual(whole.report);
  }
});

test('the result reaches the loudness target within 0.05 LU, under the ceiling', async () => {
  const engine = await engineBinary();
  for (const targetDb of [-30, -18, -12]) {
    const style = fullStyle();
    style.modules.lufs.values.targetDb = targetDb;
    const { report } = await renderArrays([left, right], RATE, style, { engine });
    expect(Math.abs(report.integratedLufs! - targetDb)).toBeLessThanOrEqual(0.05);
    expect(report.truePeakDbtp).toBeLessThanOrEqual(-1);
    expect(report.notices).toEqual([]);
  }
});

test('half of the whole style is half of the way in loudness, whatever its equalizer does to the level', async () => {
  const channels = musicLike(6, RATE, 4);
  const style = styleWith({ eq: { bands: [{ type: 'peak', fHz: 800, q: 0.3, gainDb: 15 }] }, lufs: { targetDb: -18 } });
  const lufs = async (intensity: number) => (await renderArrays(channels, RATE, { ...style, intensity }, { engine: await engineBinary() })).report.integratedLufs!;
  const [none, half, full] = [await lufs(0), await lufs(0.5), await lufs(1)];
  expect(half).toBeCloseTo((none + full) / 2, 1);
});

test('intensity moves the loudness from where it is to the target', async () => {
  const engine = await engineBinary();
  const measure = async (intensity: number): Promise<number> => {
    const style = styleWith({ lufs: { targetDb: -30 } });
    style.modules.lufs.intensity = intensity;
    return (await renderArrays([left, right], RATE, style, { engine })).report.integratedLufs!;
  };
  const [none, half, full] = [await measure(0), await measure(0.5), await measure(1)];
  expect(full).toBeCloseTo(-30, 1);
  expect(half).toBeCloseTo((none + full) / 2, 1);
});

test('a loudness out of reach is approached and said', async () => {
  const style = styleWith({ lufs: { targetDb: 0 }, limiter: { tpDb: -12, lookaheadMs: 3, releaseMs: 100 } });
  const { report } = await renderArrays([left, right], RATE, style, { engine: await engineBinary() });
  expect(report.notices.map((notice) => notice.code)).toEqual(['render/loudness-unreachable']);
  expect(report.truePeakDbtp).toBeLessThanOrEqual(-12);
});

test('a reverb rings out after the end, other effects keep the length', async () => {
  const engine = await engineBinary();
  const withReverb = await renderArrays([left, right], RATE, fullStyle(), { engine });
  expect(withReverb.report.frames - left.length).toBeGreaterThan(0.5 * RATE);
  const dry = fullStyle();
  dry.modules.reverb.enabled = false;
  expect((await renderArrays([left, right], RATE, dry, { engine })).report.frames).toBe(left.length);
});

test('mono stays mono unless the reverb is wider', async () => {
  const engine = await engineBinary();
  const dry = fullStyle();
  dry.modules.reverb.enabled = false;
  expect((await renderArrays([left], RATE, dry, { engine })).channels.length).toBe(1);
  expect((await renderArrays([left], RATE, fullStyle(), { engine })).channels.length).toBe(2);
  const mono = fullStyle();
  mono.irs = { [IR_KEY]: { sampleRate: RATE, channels: [decay(0.8, 2)] } };
  expect((await renderArrays([left], RATE, mono, { engine })).channels.length).toBe(1);
});

test('samples that are not numbers become silence and spoil nothing after them', async () => {
  const broken = left.slice();
  broken[1000] = NaN;
  broken[2000] = Infinity;
  const { channels } = await renderArrays([broken, right], RATE, fullStyle(), { engine: await engineBinary() });
  expect(channels[0]!.every(Number.isFinite)).toBe(true);
});

test('a silent recording gives silence', async () => {
  const { channels, report } = await renderArrays([new Float32Array(RATE)], RATE, fullStyle(), { engine: await engineBinary() });
  expect(report).toMatchObject({ integratedLufs: null, truePeakDbtp: null });
  expect(channels[0]!.every((sample) => sample === 0)).toBe(true);
});

test('a render killed at any checkpoint goes on to the same samples', async () => {
  const engine = await engineBinary();
  const pcm = pcmFromArrays([left, right], RATE);
  const options = { engine, chunkSeconds: 0.7, checkpointSeconds: 0.7 };
  const whole = await renderArrays([left, right], RATE, fullStyle(), options);
  let killAfter = 1;
  for (;;) {
    const sink = memorySink();
    const scratch = memoryScratch();
    let saved: RenderCheckpoint | null = null;
    let checkpoints = 0;
    const abort = new AbortController();
    const dying = render(pcm, fullStyle(), {
      ...options, sink, scratch, signal: abort.signal,
      onCheckpoint: async (checkpoint) => {
        checkpoints += 1;
        // The chunk after the last checkpoint is written too before the end comes.
        if (checkpoints <= killAfter) saved = structuredClone(checkpoint);
        else abort.abort();
      },
    });
    const died = await dying.then(() => false, (thrown: { code: string }) => thrown.code === 'job/cancelled');
    if (!died) break;
    const checkpoint = saved as RenderCheckpoint | null;
    sink.truncate(checkpoint?.stage === 'finish' ? checkpoint.frame : 0);
    const report = await render(pcm, fullStyle(), { ...options, sink, scratch, checkpoint, chunkSeconds: 1.1 });
    expect(report).toEqual(whole.report);
    expect(difference(sink.channels()[0]!, whole.channels[0]!)).toEqual({ lengths: [report.frames, report.frames], first: -1, largest: 0 });
    killAfter += 4;
  }
  expect(killAfter).toBeGreaterThan(8);
});

test('progress runs from 0 to 1 and never back', async () => {
  const seen: number[] = [];
  await renderArrays([left, right], RATE, fullStyle(), { engine: await engineBinary(), chunkSeconds: 1, onProgress: (f) => seen.push(f) });
  expect(seen.at(-1)).toBe(1);
  expect(seen.every((f, i) => f >= 0 && f <= 1 && (i === 0 || f >= seen[i - 1]!))).toBe(true);
});

test('what a render decides about gain and ceiling can be had without its last pass', async () => {
  const engine = await engineBinary();
  const { report } = await renderArrays([left, right], RATE, fullStyle(), { engine });
  const settings = await settle(pcmFromArrays([left, right], RATE), fullStyle(), { engine, scratch: memoryScratch() });
  expect(settings).toEqual(report.settings);
  expect(settings.ceilingDbtp).toBeLessThanOrEqual(-1);
});
