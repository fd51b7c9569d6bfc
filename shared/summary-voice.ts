/** Numbers as a language writes them, and with them the voice of summaries where no page is: on the server. */
import { fillSentence } from './errors.ts';
import type { SummaryVoice } from './style-summary.ts';
import { SUMMARY_TEXTS, type SummaryLanguage } from './summary-texts.ts';

const MINUS = '\u2212';

/** A number with exactly `digits` decimals and a true minus. */
export const writtenFixed = (language: string, value: number, digits: number, grouping = true): string =>
  new Intl.NumberFormat(language, { maximumFractionDigits: digits, minimumFractionDigits: digits, useGrouping: grouping }).format(value).replace('-', MINUS);

/** As above; nothing is minus zero, and `signed` writes + too. */
export function writtenNumber(language: string, value: number, digits = 1, signed = false): string {
  const rounded = Number(value.toFixed(digits));
  const text = writtenFixed(language, Object.is(rounded, -0) ? 0 : rounded, digits);
  return signed && rounded > 0 ? `+${text}` : text;
}

/** 440 Hz, 2.6 kHz, 12 kHz. */
export function writtenHertz(language: string, hz: number, units: { readonly hz: string; readonly khz: string }): string {
  const kilo = hz / 1000;
  if (hz < 1000) return `${writtenFixed(language, hz, 0)} ${units.hz}`;
  return `${writtenFixed(language, kilo, kilo < 10 && Math.round(kilo * 10) % 10 !== 0 ? 1 : 0)} ${units.khz}`;
}

/** A number and its unit stay on one line. */
export const boundUnits = (text: string): string => text.replace(/(\d) (?=(?:dB|dBTP|LUFS|LU|Hz|kHz|ms|s|kB|MB|GB|%)(?![A-Za-z]))/g, '$1\u00a0');

export function summaryVoice(language: SummaryLanguage): SummaryVoice {
  const texts = SUMMARY_TEXTS[language];
  return {
    t: (key, args = {}) => boundUnits(fillSentence(texts[key], args)),
    number: (value, digits, signed) => writtenNumber(language, value, digits, signed),
    hertz: (hz) => writtenHertz(language, hz, { hz: texts['unit.Hz'], khz: texts['unit.kHz'] }),
  };
}
