/** What an inverter is given. */
import type { Features } from '../../shared/features.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import type { Mode } from '../../shared/style.ts';
import type { EngineBinary } from '../host/engine.ts';
import type { TrialPool } from './paired/trial-pool.ts';

export interface Measured {
  readonly features: Features;
  readonly pcm: PcmSource;
}

export interface InvertOptions {
  readonly engine: EngineBinary;
  readonly mode: Mode;
  /** Look for a pitch shift. */
  readonly pitch: boolean;
  readonly ceilingDbtp: number;
  /** Estimate the residual match FIR too. */
  readonly residualFir: boolean;
  /** Who runs mode A's trials; none: this thread. The style is the same. */
  readonly trials?: TrialPool | null | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}
