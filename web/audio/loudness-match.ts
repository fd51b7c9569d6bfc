/** How loud tracks are played so that they are compared by their sound and not by their level. */
import { dbToGain } from '../../shared/units.ts';

export interface MeasuredTrack {
  readonly integratedLufs: number | null;
  readonly truePeakDbtp: number | null;
}

/** No track is raised beyond this true peak. */
const CEILING_DBTP = -1;

/**
 * Gains that give all tracks one loudness (ITU-R BS.1770), the highest at which none of them clips and at which
 * none is louder than the loudest is in its file.
 *
 * @param tracks  what was measured of each; a track without a measured loudness is left as it is, or turned
 *   down to the ceiling
 * @returns dB, one per track
 */
export function equalLoudnessGainsDb(tracks: readonly MeasuredTrack[]): number[] {
  const levels = tracks.flatMap(({ integratedLufs, truePeakDbtp }) =>
    integratedLufs === null ? [] : [{ lufs: integratedLufs, highestLufs: integratedLufs + CEILING_DBTP - (truePeakDbtp ?? CEILING_DBTP) }],
  );
  const common = Math.min(Math.max(...levels.map(({ lufs }) => lufs)), ...levels.map(({ highestLufs }) => highestLufs));
  return tracks.map(({ integratedLufs, truePeakDbtp }) =>
    integratedLufs === null ? Math.min(0, CEILING_DBTP - (truePeakDbtp ?? CEILING_DBTP)) : common - integratedLufs,
  );
}

export const equalLoudnessGains = (tracks: readonly MeasuredTrack[]): number[] => equalLoudnessGainsDb(tracks).map(dbToGain);
