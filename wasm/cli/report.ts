/** What a match says of itself: metrics and the figures behind them, snake_case. */
import { fillSentence } from '../../shared/errors.ts';
import type { Features } from '../../shared/features.ts';
import { featuresToDocument } from '../../shared/features-document.ts';
import { metricsToDocument, type ResultMetrics } from '../../shared/metrics.ts';
import { type Notice, NOTICES } from '../../shared/pcm.ts';
import type { Style } from '../../shared/style.ts';
import { styleToDocument } from '../../shared/style-document.ts';

/** The features without what fills pages: spectra per bin and series over time. */
export function featuresSummary(features: Features) {
  const { stft: _stft, mel: _mel, f0, lufs, ltas, reverb, ...rest } = featuresToDocument(features);
  const { short_term: _shortTerm, momentary: _momentary, ...loudness } = lufs;
  const { fine: _fine, ...thirdOctaves } = ltas;
  const { edc: _edc, ...room } = reverb;
  return { ...rest, lufs: loudness, ltas: thirdOctaves, reverb: room, f0: f0 && { voiced_share: f0.voiced_share, median_hz: f0.median_hz } };
}

export interface MatchReport {
  readonly style: Style;
  readonly metrics: ResultMetrics;
  readonly reference: Features;
  readonly target: Features;
  readonly result: Features;
  readonly gainDb: number;
  readonly notices: readonly Notice[];
}

export function matchReport({ style, metrics, reference, target, result, gainDb, notices }: MatchReport) {
  const { irs: _irs, ...styleParams } = styleToDocument(style);
  return {
    version: 1,
    mode: style.mode,
    metrics: metricsToDocument(metrics),
    gain_db: gainDb,
    reference: featuresSummary(reference),
    target: featuresSummary(target),
    result: featuresSummary(result),
    style_params: styleParams,
    notices: notices.map(({ code, args }) => ({ code, args, text: fillSentence(NOTICES[code], args) })),
  };
}
