/** What a result is compared with: the tracks, how loud each is played, and the player. */
import { createPlayer } from '../audio/player.ts';
import type { Player } from '../audio/player.ts';
import { equalLoudnessGainsDb } from '../audio/loudness-match.ts';
import { dbToGain } from '../../shared/units.ts';
import type { Features } from '../../shared/features.ts';
import { engineBinary } from '../workers/engine-binary.ts';
import type { ResultInfo, TonetwinService } from '../jobs/contract.ts';

export type TrackName = 'target' | 'result' | 'reference';

export interface ComparedTrack {
  readonly name: TrackName;
  /** Id of the recording or result. */
  readonly id: string;
  readonly key: string;
  readonly features: Features;
  readonly seconds: number;
  readonly gainDb: number;
  readonly loops: boolean;
}

export interface Comparison {
  readonly tracks: readonly ComparedTrack[];
  readonly durationSeconds: number;
  readonly referenceLoops: boolean;
  readonly player: Player<TrackName>;
}

/**
 * Target and result share their time. The reference of another recording (mode B) starts again when it is
 * shorter; one of the same performance (mode A) runs beside them and then is silent.
 */
export function createComparison(service: TonetwinService, result: ResultInfo): Comparison {
  const seconds = (features: Features) => features.frames / features.sampleRate;
  const resultSeconds = result.frames / result.sampleRate;
  const durationSeconds = Math.max(resultSeconds, seconds(result.targetFeatures));
  const { referenceId, referenceFeatures } = result;
  const referenceLoops = referenceFeatures !== null && result.style.mode === 'B' && seconds(referenceFeatures) < durationSeconds;
  const found = [
    { name: 'target', id: result.targetId, key: '1', features: result.targetFeatures, seconds: seconds(result.targetFeatures), loops: false },
    { name: 'result', id: result.id, key: '2', features: result.features, seconds: resultSeconds, loops: false },
    ...(referenceId !== null && referenceFeatures !== null
      ? [{ name: 'reference', id: referenceId, key: '3', features: referenceFeatures, seconds: seconds(referenceFeatures), loops: referenceLoops } as const]
      : []),
  ] as const;
  const gainsDb = equalLoudnessGainsDb(found.map(({ features }) => ({ integratedLufs: features.loudness.integratedLufs, truePeakDbtp: features.truePeakDbtp })));
  const tracks = found.map((track, index): ComparedTrack => ({ ...track, gainDb: gainsDb[index] ?? 0 }));
  const player = createPlayer<TrackName>(
    tracks.map(({ name, id, gainDb, loops }) => ({ name, loops, gain: dbToGain(gainDb), open: () => service.pcm(id) })),
    { durationSeconds, preferredHz: result.sampleRate, initial: 'result', live: { track: 'result', source: 'target', engine: engineBinary } },
  );
  return { tracks, durationSeconds, referenceLoops, player };
}
