import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ERRORS } from '../../../shared/errors.ts';
import { JOB_STATES } from '../../../shared/jobs.ts';
import { EFFECTS } from '../../../shared/params/catalogue.ts';
import { isChoice } from '../../../shared/params/effect.ts';
import type { Effect, Parameters } from '../../../shared/params/effect.ts';
import { loudness } from '../../../shared/params/loudness.ts';
import { NOTICES } from '../../../shared/pcm.ts';
import { REASONS } from '../../../shared/reasons.ts';
import { CHAIN_ORDER } from '../../../shared/style.ts';
import { en } from '../../../web/i18n/en.ts';
import { createI18n, initialLanguage } from '../../../web/i18n/i18n.tsx';
import { zhCn } from '../../../web/i18n/zh-cn.ts';
import { ERRORS_ZH, NOTICES_ZH, REASONS_ZH } from '../../../web/i18n/zh-cn-sentences.ts';

const places = (sentence: string) => [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test('both languages have the same texts', () => {
  expect(Object.keys(zhCn).sort()).toEqual(Object.keys(en).sort());
});

test('a text has the same places to fill in both languages', () => {
  const different = (Object.keys(en) as (keyof typeof en)[]).filter((key) => places(en[key]).join() !== places(zhCn[key]).join());
  expect(different).toEqual([]);
});

const SENTENCES: readonly (readonly [string, Readonly<Record<string, string>>, Readonly<Record<string, string>>])[] = [
  ['error', Object.fromEntries(Object.entries(ERRORS).map(([code, { message }]) => [code, message])), ERRORS_ZH],
  ['notice', NOTICES, NOTICES_ZH],
  ['reason', REASONS, REASONS_ZH],
];

test.each(SENTENCES)('every %s has a sentence in both languages, with the same places', (_, english, chinese) => {
  expect(Object.keys(chinese).sort()).toEqual(Object.keys(english).sort());
  expect(Object.keys(english).filter((code) => places(english[code]!).join() !== places(chinese[code]!).join())).toEqual([]);
});

test('no text is empty but for units that are not written', () => {
  for (const table of [en, zhCn]) {
    expect(Object.entries(table).filter(([key, text]) => text.trim() === '' && !key.startsWith('unit.') && key !== 'list.separator')).toEqual([]);
  }
});

test('every parameter, choice, module and job state has a name on screen', () => {
  const names = (parameters: Parameters) => Object.entries(parameters).flatMap(([name, parameter]) => [`param.${name}`, ...(isChoice(parameter) ? parameter.choices.map((choice) => `choice.${choice}`) : [])]);
  const shown = [...EFFECTS.filter(({ name }) => name !== 'gain'), loudness].flatMap((effect: Effect) => [...names(effect.parameters), ...names(effect.bands?.parameters ?? {})]);
  const needed = [...shown, ...CHAIN_ORDER.map((name) => `module.${name}`), ...JOB_STATES.map((state) => `state.${state}`)];
  expect(needed.filter((key) => !(key in en))).toEqual([]);
});

test('every text is used, directly or by its family', () => {
  const root = fileURLToPath(new URL('../../../web', import.meta.url));
  const files = ['components', 'pages', 'state', 'i18n', '../shared'].flatMap((folder) => readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).map((file) => `${root}/${folder}/${file}`));
  const source = files.filter((file) => /\.tsx?$/.test(file) && !/([/-](en|zh-cn)|summary-texts)\.ts$/.test(file)).map((file) => readFileSync(file, 'utf8')).join('\n');
  const families = [...source.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map(([, family]) => family!);
  expect(Object.keys(en).filter((key) => !source.includes(`'${key}'`) && !families.some((family) => key.startsWith(family)))).toEqual([]);
});

test('numbers, sizes and times are written as readers of the language expect', () => {
  const { number, size, clock, span, hertz, error, setLanguage } = createI18n('en');
  expect(number(-13.84)).toBe('\u221213.8');
  expect(number(-0.01)).toBe('0.0');
  expect(number(2.5, 1, true)).toBe('+2.5');
  expect(size(184_300_000)).toBe('184 MB');
  expect(size(412_000)).toBe('412 kB');
  expect(clock(3725)).toBe('1:02:05');
  expect(clock(67.9)).toBe('1:07');
  expect(span(75)).toBe('1 min 15\u00a0s');
  expect(hertz(7800)).toBe('7.8 kHz');
  expect(hertz(110)).toBe('110 Hz');
  expect(error({ code: 'audio/too-short', args: { seconds: 0.1, minimum: 0.4 } })).toBe('The recording is 0.1\u00a0s long; at least 0.4\u00a0s are needed.');
  setLanguage('zh-CN');
  expect(span(75)).toBe('1 分 15 秒');
  expect(error({ code: 'audio/too-short', args: { seconds: 0.1, minimum: 0.4 } })).toBe('录音长 0.1 秒，至少需要 0.4 秒。');
});

test('the language is the one chosen before, else the browser\'s first known one, else English', () => {
  const holding = (value: string | null) => ({ getItem: () => value });
  expect(initialLanguage(holding('zh-CN'), ['en-US'])).toBe('zh-CN');
  expect(initialLanguage(holding(null), ['de-DE', 'zh-Hans-CN', 'en'])).toBe('zh-CN');
  expect(initialLanguage(holding('xx'), ['de-DE', 'en-GB'])).toBe('en');
  expect(initialLanguage(null, ['fr-FR'])).toBe('en');
});
