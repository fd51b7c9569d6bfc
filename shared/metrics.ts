/** How near a result came, measured on the rendered audio. Definitions: wasm/rendering/measure-result.ts and artifacts.ts. */
export interface ResultMetrics {
  /** Multi-resolution STFT distance; null where the two cannot be laid over each other. */
  readonly stftDist: number | null;
  /** Mean absolute mel difference, dB. */
  readonly melDist: number | null;
  /** Integrated loudness of the result minus the one aimed at, LU. */
  readonly lufsErr: number | null;
  /** True peak of the result, dBTP. */
  readonly tpDb: number | null;
  /** Artefacts per minute beyond the target's own. */
  readonly artifactsRate: number;
  /** Mean absolute 1/3-octave difference to the reference after loudness alignment, dB: the result's, and the target's before. */
  readonly ltasErrorDb: number | null;
  readonly ltasErrorBeforeDb: number | null;
}

/** The metrics in their travelling form. */
export const metricsToDocument = (metrics: ResultMetrics) => ({
  stft_dist: metrics.stftDist,
  mel_dist: metrics.melDist,
  lufs_err: metrics.lufsErr,
  tp_db: metrics.tpDb,
  artifacts_rate: metrics.artifactsRate,
  ltas_error_db: metrics.ltasErrorDb,
  ltas_error_before_db: metrics.ltasErrorBeforeDb,
});

export type MetricsDocument = ReturnType<typeof metricsToDocument>;
