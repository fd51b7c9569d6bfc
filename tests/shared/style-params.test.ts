import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { completeStyle, neutralStyle, type Style } from '../../shared/style.ts';
import { styleFromDocument, styleToDocument } from '../../shared/style-document.ts';
import { styleParamsSchema } from '../../shared/style-params.ts';

const KEY = 'ab'.repeat(32);

function fullStyle(): Style {
  const style = neutralStyle('cd'.repeat(32), 'B');
  style.intensity = 0.8;
  style.modules.eq = {
    enabled: true,
    intensity: 0.5,
    status: 'estimated',
    confidence: 0.9,
    reason: { code: 'module/neutral', args: {} },
    intervals: { 'bands.0.gainDb': [2, 4] },
    values: { bands: [{ type: 'peak', fHz: 1000, q: 1, gainDb: 3 }, { type: 'low_shelf', fHz: 90, q: 0.7, gainDb: -2 }] },
  };
  style.modules.stereo.values = { crossover1Hz: 250, crossover2Hz: 4000, widthLow: 0.8, widthMid: 1.2, widthHigh: 1.5 };
  style.modules.dynamics.values.bands = [
    { thresholdDb: -20, ratio: 3, lowThresholdDb: -60, lowRatio: 1, kneeDb: 6, attackMs: 10, releaseMs: 100, rmsMs: 5, makeupDb: 2 },
  ];
  style.modules.reverb = { ...style.modules.reverb, enabled: true, values: { irKey: KEY, mix: 0.3, preDelayMs: 12, ringOutSeconds: 1.5 } };
  style.irs = { [KEY]: { sampleRate: 48_000, channels: [Float32Array.of(1, 0.5, -0.25), Float32Array.of(0, 1e-8, 1)] } };
  return style;
}

const reread = (style: Style): Style => styleFromDocument(JSON.parse(JSON.stringify(styleToDocument(style))));

test('a style comes back from its document unchanged, impulse responses included', () => {
  expect(reread(fullStyle())).toEqual(fullStyle());
});

test('a neutral style comes back unchanged', () => {
  const style = neutralStyle('', 'A');
  expect(reread(style)).toEqual(style);
});

test('a document may leave out everything but its version; what is left out is off', () => {
  const style = styleFromDocument({ version: 1, eq: [{ type: 'peak', f_hz: 1000, q: 1, gain_db: 3 }], lufs: { target_db: -14 } });
  expect(style.modules.eq.enabled).toBe(true);
  expect(style.modules.eq.values.bands).toEqual([{ type: 'peak', fHz: 1000, q: 1, gainDb: 3 }]);
  expect(style.modules.lufs).toMatchObject({ enabled: true, intensity: 1, values: { targetDb: -14 } });
  expect(style.modules.dynamics.enabled).toBe(false);
});

test.each([
  ['not an object', 'hello', 'style/invalid'],
  ['no version', {}, 'style/invalid'],
  ['a newer version', { version: 2 }, 'style/newer'],
  ['a gain out of range', { version: 1, eq: [{ type: 'peak', f_hz: 1000, q: 1, gain_db: 300 }] }, 'style/invalid'],
  ['nine bands', { version: 1, eq: Array.from({ length: 9 }, () => ({ f_hz: 100, q: 1, gain_db: 0 })) }, 'style/invalid'],
  ['an impulse response that is not there', { version: 1, reverb: { ir_key: KEY, mix: 0.1 } }, 'style/invalid'],
  ['an impulse response of the wrong size', { version: 1, irs: { [KEY]: { sample_rate_hz: 48000, channels: 1, frames: 2, encoding: 'f32le-base64', data: 'AAAA' } } }, 'style/invalid'],
])('%s is refused with a sentence', (_, json, code) => {
  let thrown: unknown;
  try {
    styleFromDocument(json);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(AppError);
  expect((thrown as AppError).code).toBe(code);
});

test('the example in the README of shared is valid and describes every module', () => {
  const readme = readFileSync(new URL('../../shared/README.md', import.meta.url), 'utf8');
  const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as object;
  expect(styleParamsSchema.safeParse(example).error?.issues ?? []).toEqual([]);
  const style = styleFromDocument(example);
  expect(reread(style)).toEqual(style);
  for (const key of ['eq', 'dynamics', 'exciter', 'stereo', 'reverb', 'pitch', 'lufs', 'limiter', 'match_fir', 'irs']) {
    expect(Object.keys(example)).toContain(key);
  }
});

/** As they were kept before a reverb could ring out for less than its tail. */
const saved = (name: string): unknown => JSON.parse(readFileSync(new URL(`./saved/${name}.json`, import.meta.url), 'utf8'));

test('a preset saved before ring-out was a value rings out to the end, as it did', () => {
  const { modules } = styleFromDocument(saved('preset-without-ring-out'));
  expect(modules.reverb).toMatchObject({ enabled: true, intensity: 0.9, values: { irKey: KEY, mix: 0.3, preDelayMs: 12, ringOutSeconds: 30 } });
});

test('a stored style from before ring-out is completed, everything else as it was; a new one is left alone', () => {
  const old = saved('style-without-ring-out') as Style;
  const complete = completeStyle(old);
  expect(complete.modules.reverb.values).toEqual({ irKey: KEY, mix: 0.3, preDelayMs: 12, ringOutSeconds: 30 });
  const { ringOutSeconds: _, ...known } = complete.modules.reverb.values;
  expect({ ...complete, modules: { ...complete.modules, reverb: { ...complete.modules.reverb, values: known } } }).toEqual(old);
  expect(completeStyle(fullStyle())).toEqual(fullStyle());
});
