/** What a result is compared with: the tracks, how loud each is played, and the player. */
import { createPlayer } from '../audio/player.ts';
import type { Player } from '../audio/player-contract.ts';
import { equalLoudnessGainsDb } from '../audio/loudness-match.ts';
import { dbToGain } from '../../shared/units.ts';
import type { Features } from '../../shared/features.ts';
import { engineBinary } from '../workers/engine-binary.ts';
import type { Style } from '../../shared/style.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import type { ResultInfo, TonetwinService } from '../jobs/contract.ts';
import type { MeasuredTrack } from '../audio/loudness-match.ts';

export type TrackName = 'target' | 'result' | 'reference';

export interface ComparedTrack {
  readonly name: TrackName;
  /** Id of the recording or result. */
  readonly id: string;
  readonly key: string;
  readonly measured: MeasuredTrack;
  readonly seconds: number;
  readonly gainDb: number;
  readonly loops: boolean;
  /** Whose waveform is shown: its own, but for a result that is not there yet. */
  readonly drawnAs: TrackName;
}

export interface Comparison {
  readonly tracks: readonly ComparedTrack[];
  readonly durationSeconds: number;
  readonly referenceLoops: boolean;
  readonly player: Player<TrackName>;
}

/** What is compared: a result, or one that is still being rendered. */
export interface Compared extends Pick<ResultInfo, 'id' | 'targetId' | 'referenceId' | 'sampleRate' | 'frames' | 'targetFeatures' | 'referenceFeatures'> {
  readonly mode: Style['mode'];
  /** Of the result. */
  readonly measured: MeasuredTrack;
  readonly open: () => Promise<PcmSource>;
  /** Whose waveform is shown for the result; its own where left out. */
  readonly resultDrawnAs?: TrackName;
}

const measuredOf = ({ loudness: { integratedLufs }, truePeakDbtp }: Features): MeasuredTrack => ({ integratedLufs, truePeakDbtp });

export const createComparison = (service: TonetwinService, result: ResultInfo): Comparison =>
  compare(service, { ...result, mode: result.style.mode, measured: measuredOf(result.features), open: () => service.pcm(result.id) });

/**
 * Target and result share their time. The reference of another recording (mode B) starts again when it is
 * shorter; one of the same performance (mode A) runs beside them and then is silent.
 */
export function compare(service: TonetwinService, result: Compared): Comparison {
  const seconds = (features: Features) => features.frames / features.sampleRate;
  const resultSeconds = result.frames / result.sampleRate;
  const durationSeconds = Math.max(resultSeconds, seconds(result.targetFeatures));
  const { referenceId, referenceFeatures } = result;
  const referenceLoops = referenceFeatures !== null && result.mode === 'B' && seconds(referenceFeatures) < durationSeconds;
  const found = [
    { name: 'target', id: result.targetId, key: '1', measured: measuredOf(result.targetFeatures), seconds: seconds(result.targetFeatures), loops: false },
    { name: 'result', id: result.id, key: '2', measured: result.measured, seconds: resultSeconds, loops: false },
    ...(referenceId !== null && referenceFeatures !== null
      ? [{ name: 'reference', id: referenceId, key: '3', measured: measuredOf(referenceFeatures), seconds: seconds(referenceFeatures), loops: referenceLoops } as const]
      : []),
  ] as const;
  const gainsDb = equalLoudnessGainsDb(found.map(({ measured }) => measured));
  const tracks = found.map((track, index): ComparedTrack => ({ ...track, gainDb: gainsDb[index] ?? 0, drawnAs: track.name === 'result' ? (result.resultDrawnAs ?? 'result') : track.name }));
  const player = createPlayer<TrackName>(
    tracks.map(({ name, id, gainDb, loops }) => ({ name, loops, gain: dbToGain(gainDb), open: name === 'result' ? result.open : () => service.pcm(id) })),
    { durationSeconds, preferredHz: result.sampleRate, initial: 'result', live: { track: 'result', source: 'target', engine: engineBinary } },
  );
  return { tracks, durationSeconds, referenceLoops, player };
}
