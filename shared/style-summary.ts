/** What a module does, in a sentence, from the values it has now. Who reads it is told by the voice. */
import type { CompressorValues } from './params/compressor.ts';
import type { EqualizerValues } from './params/equalizer.ts';
import type { ExciterValues } from './params/exciter.ts';
import type { LimiterValues } from './params/limiter.ts';
import type { LoudnessValues } from './params/loudness.ts';
import type { MatchFirValues } from './params/match-fir.ts';
import type { PitchShiftValues } from './params/pitch-shift.ts';
import type { ReverbValues } from './params/reverb.ts';
import type { StereoWidthValues } from './params/stereo-width.ts';
import type { ImpulseResponse, ModuleName, StyleModules } from './style.ts';
import type { ErrorArgs } from './errors.ts';
import type { SummaryKey } from './summary-texts.ts';

/** A language: its texts, and numbers as it writes them. The app's `I18n` is one; `summaryVoice` another. */
export interface SummaryVoice {
  t(key: SummaryKey, args?: ErrorArgs): string;
  number(value: number, digits?: number, signed?: boolean): string;
  /** Hz or kHz, with the unit. */
  hertz(hz: number): string;
}

/** Bands of the equalizer named in the sentence; the rest are counted. */
const NAMED_BANDS = 4;
/** Below this a ratio or width is as good as none. */
const AUDIBLE = 0.03;

export type SummaryInput = { readonly [N in ModuleName]: { readonly name: N; readonly values: StyleModules[N]['values'] } }[ModuleName];

export function moduleSummary(input: SummaryInput, irs: Readonly<Record<string, ImpulseResponse>>, voice: SummaryVoice): string {
  switch (input.name) {
    case 'pitch':
      return pitchSentence(input.values, voice);
    case 'eq':
      return equalizerSentence(input.values, voice);
    case 'matchFir':
      return matchFirSentence(input.values, voice);
    case 'dynamics':
      return dynamicsSentence(input.values, voice);
    case 'exciter':
      return exciterSentence(input.values, voice);
    case 'stereo':
      return stereoSentence(input.values, voice);
    case 'reverb':
      return reverbSentence(input.values, irs, voice);
    case 'lufs':
      return loudnessSentence(input.values, voice);
    case 'limiter':
      return limiterSentence(input.values, voice);
    default:
      return input satisfies never;
  }
}

const capitalized = (sentence: string): string => sentence.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());

const pitchSentence = ({ semitones }: PitchShiftValues, { t, number }: SummaryVoice) => t('summary.pitch', { semitones: number(semitones, 2, true) });

function equalizerSentence({ bands }: EqualizerValues, { t, number, hertz }: SummaryVoice): string {
  if (bands.length === 0) return t('summary.eqNone');
  const strength = (band: EqualizerValues['bands'][number]) => (band.type === 'high_pass' || band.type === 'low_pass' ? Infinity : Math.abs(band.gainDb));
  const named = [...bands].sort((a, b) => strength(b) - strength(a)).slice(0, NAMED_BANDS).sort((a, b) => a.fHz - b.fHz);
  const separator = t('list.separator');
  const text = named
    .map((band) => {
      if (band.type === 'high_pass') return t('summary.eqHighPass', { hz: hertz(band.fHz) });
      if (band.type === 'low_pass') return t('summary.eqLowPass', { hz: hertz(band.fHz) });
      return t('summary.eqGain', { gain: `${number(band.gainDb, 1, true)} ${t('unit.dB')}`, hz: hertz(band.fHz) });
    })
    .join(separator);
  const rest = bands.length - named.length;
  // It begins with whichever band is lowest.
  return capitalized(t('summary.eq', { bands: rest > 0 ? t('summary.eqMore', { bands: text, count: rest }) : text }));
}

const matchFirSentence = ({ amount }: MatchFirValues, { t, number }: SummaryVoice) => t('summary.matchFir', { percent: number(amount * 100, 0) });

function dynamicsSentence({ bands }: CompressorValues, { t, number }: SummaryVoice): string {
  const compressed = bands.filter(({ ratio }) => ratio > 1 + AUDIBLE);
  const expanded = bands.filter(({ ratio }) => ratio < 1 - AUDIBLE);
  const reshaped = bands.filter(({ lowRatio }) => Math.abs(lowRatio - 1) > AUDIBLE);
  const sentences: string[] = [];
  if (compressed.length > 0) {
    const ratio = number(Math.max(...compressed.map((band) => band.ratio)), 1);
    sentences.push(t(bands.length === 1 ? 'summary.dynamicsCompressOne' : 'summary.dynamicsCompress', { count: compressed.length, ratio }));
  }
  if (expanded.length > 0) sentences.push(t('summary.dynamicsExpand', { count: expanded.length, ratio: number(1 / Math.min(...expanded.map((band) => band.ratio)), 1) }));
  if (reshaped.length > 0) sentences.push(t('summary.dynamicsLow', { count: reshaped.length }));
  return sentences.length > 0 ? sentences.join(' ') : t('summary.dynamicsNone');
}

const exciterSentence = ({ fHz, amount }: ExciterValues, { t, number, hertz }: SummaryVoice) => t('summary.exciter', { hz: hertz(fHz), percent: number(amount * 100, 0) });

function stereoSentence({ widthLow, widthMid, widthHigh }: StereoWidthValues, { t, number }: SummaryVoice): string {
  const widths = [widthLow, widthMid, widthHigh];
  const args = { low: number(widthLow, 2), mid: number(widthMid, 2), high: number(widthHigh, 2) };
  const wider = widths.some((width) => width > 1 + AUDIBLE);
  const narrower = widths.some((width) => width < 1 - AUDIBLE);
  if (wider === narrower) return t('summary.widthMixed', args);
  return t(wider ? 'summary.wider' : 'summary.narrower', args);
}

function reverbSentence({ irKey, mix }: ReverbValues, irs: Readonly<Record<string, ImpulseResponse>>, { t, number }: SummaryVoice): string {
  const ir = irKey === null ? undefined : irs[irKey];
  if (!ir || mix === 0) return t('summary.reverbNone');
  return t('summary.reverb', { seconds: number((ir.channels[0]?.length ?? 0) / ir.sampleRate, 2), percent: number(mix * 100, 0) });
}

const loudnessSentence = ({ targetDb }: LoudnessValues, { t, number }: SummaryVoice) => t('summary.lufs', { lufs: number(targetDb, 1) });
const limiterSentence = ({ tpDb }: LimiterValues, { t, number }: SummaryVoice) => t('summary.limiter', { tp: number(tpDb, 1) });
