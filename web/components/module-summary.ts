/** What a module does, in a sentence, from the values it has now. */
import type { CompressorValues } from '../../shared/params/compressor.ts';
import type { EqualizerValues } from '../../shared/params/equalizer.ts';
import type { ExciterValues } from '../../shared/params/exciter.ts';
import type { LimiterValues } from '../../shared/params/limiter.ts';
import type { LoudnessValues } from '../../shared/params/loudness.ts';
import type { MatchFirValues } from '../../shared/params/match-fir.ts';
import type { PitchShiftValues } from '../../shared/params/pitch-shift.ts';
import type { ReverbValues } from '../../shared/params/reverb.ts';
import type { StereoWidthValues } from '../../shared/params/stereo-width.ts';
import type { ImpulseResponse, ModuleName, StyleModules } from '../../shared/style.ts';
import type { I18n } from '../i18n/i18n.tsx';

/** Bands of the equalizer named in the sentence; the rest are counted. */
const NAMED_BANDS = 4;
/** Below this a ratio or width is as good as none. */
const AUDIBLE = 0.03;

export type SummaryInput = { readonly [N in ModuleName]: { readonly name: N; readonly values: StyleModules[N]['values'] } }[ModuleName];

export function moduleSummary(input: SummaryInput, irs: Readonly<Record<string, ImpulseResponse>>, i18n: I18n): string {
  switch (input.name) {
    case 'pitch':
      return pitchSentence(input.values, i18n);
    case 'eq':
      return equalizerSentence(input.values, i18n);
    case 'matchFir':
      return matchFirSentence(input.values, i18n);
    case 'dynamics':
      return dynamicsSentence(input.values, i18n);
    case 'exciter':
      return exciterSentence(input.values, i18n);
    case 'stereo':
      return stereoSentence(input.values, i18n);
    case 'reverb':
      return reverbSentence(input.values, irs, i18n);
    case 'lufs':
      return loudnessSentence(input.values, i18n);
    case 'limiter':
      return limiterSentence(input.values, i18n);
    default:
      return input satisfies never;
  }
}

const pitchSentence = ({ semitones }: PitchShiftValues, { t, number }: I18n) => t('summary.pitch', { semitones: number(semitones, 2, true) });

function equalizerSentence({ bands }: EqualizerValues, { t, number, hertz }: I18n): string {
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
  return t('summary.eq', { bands: rest > 0 ? t('summary.eqMore', { bands: text, count: rest }) : text });
}

const matchFirSentence = ({ amount }: MatchFirValues, { t, number }: I18n) => t('summary.matchFir', { percent: number(amount * 100, 0) });

function dynamicsSentence({ bands }: CompressorValues, { t, number }: I18n): string {
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

const exciterSentence = ({ fHz, amount }: ExciterValues, { t, number, hertz }: I18n) => t('summary.exciter', { hz: hertz(fHz), percent: number(amount * 100, 0) });

function stereoSentence({ widthLow, widthMid, widthHigh }: StereoWidthValues, { t, number }: I18n): string {
  const widths = [widthLow, widthMid, widthHigh];
  const args = { low: number(widthLow, 2), mid: number(widthMid, 2), high: number(widthHigh, 2) };
  const wider = widths.some((width) => width > 1 + AUDIBLE);
  const narrower = widths.some((width) => width < 1 - AUDIBLE);
  if (wider === narrower) return t('summary.widthMixed', args);
  return t(wider ? 'summary.wider' : 'summary.narrower', args);
}

function reverbSentence({ irKey, mix }: ReverbValues, irs: Readonly<Record<string, ImpulseResponse>>, { t, number }: I18n): string {
  const ir = irKey === null ? undefined : irs[irKey];
  if (!ir || mix === 0) return t('summary.reverbNone');
  return t('summary.reverb', { seconds: number((ir.channels[0]?.length ?? 0) / ir.sampleRate, 2), percent: number(mix * 100, 0) });
}

const loudnessSentence = ({ targetDb }: LoudnessValues, { t, number }: I18n) => t('summary.lufs', { lufs: number(targetDb, 1) });
const limiterSentence = ({ tpDb }: LimiterValues, { t, number }: I18n) => t('summary.limiter', { tp: number(tpDb, 1) });
