import { expect, test } from 'vitest';
import { moduleSummary as boundSummary } from '../../../shared/style-summary.ts';
import { createI18n } from '../../../web/i18n/i18n.tsx';
import { fakeStyle } from '../support/fake-features.ts';

const i18n = createI18n('en');
/** Numbers are bound to their units; here plain spaces do. */
const moduleSummary = (...args: Parameters<typeof boundSummary>) => boundSummary(...args).replaceAll('\u00a0', ' ');
const { modules } = fakeStyle();
const band = modules.dynamics.values.bands[0]!;

test('the equalizer names its strongest bands from low to high and counts the rest', () => {
  expect(moduleSummary({ name: 'eq', values: modules.eq.values }, {}, i18n)).toBe('\u22123.6 dB at 110 Hz, \u22121.9 dB at 280 Hz, +2.5 dB at 2.6 kHz, +4.5 dB at 7.8 kHz.');
  const more = { bands: [...modules.eq.values.bands, { type: 'high_pass', fHz: 40, q: 0.7, gainDb: 0 }, { type: 'peak', fHz: 500, q: 1, gainDb: 0.2 }] } as const;
  expect(moduleSummary({ name: 'eq', values: { bands: [...more.bands] } }, {}, i18n)).toBe('High pass at 40 Hz, \u22123.6 dB at 110 Hz, +2.5 dB at 2.6 kHz, +4.5 dB at 7.8 kHz and 2 more.');
});

test('dynamics tell compression from expansion and from nothing', () => {
  const values = modules.dynamics.values;
  expect(moduleSummary({ name: 'dynamics', values }, {}, i18n)).toBe('Compression in 3 bands, up to 2.4:1.');
  expect(moduleSummary({ name: 'dynamics', values: { ...values, bands: [{ ...band, ratio: 0.5 }] } }, {}, i18n)).toBe('Expansion in 1 bands, down to 1:2.0.');
  expect(moduleSummary({ name: 'dynamics', values: { ...values, bands: [{ ...band, ratio: 1 }] } }, {}, i18n)).toBe('No band changes the dynamics.');
});

test('width says wider, narrower or neither', () => {
  const values = modules.stereo.values;
  expect(moduleSummary({ name: 'stereo', values }, {}, i18n)).toMatch(/^Wider/);
  expect(moduleSummary({ name: 'stereo', values: { ...values, widthLow: 0.2, widthMid: 0.5, widthHigh: 1 } }, {}, i18n)).toMatch(/^Narrower/);
  expect(moduleSummary({ name: 'stereo', values: { ...values, widthLow: 0.2 } }, {}, i18n)).toMatch(/^Width/);
});

test('a reverb without an impulse response adds no room', () => {
  expect(moduleSummary({ name: 'reverb', values: { irKey: 'gone', mix: 1, preDelayMs: 0, ringOutSeconds: 30 } }, {}, i18n)).toBe('No room added.');
  const irs = { key: { sampleRate: 48000, channels: [new Float32Array(60_000)] } };
  expect(moduleSummary({ name: 'reverb', values: { irKey: 'key', mix: 0.25, preDelayMs: 0, ringOutSeconds: 30 } }, irs, i18n)).toBe('Room added: 1.25 s response at 25 %.');
});
