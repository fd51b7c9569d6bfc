/** Recordings of a speaker as the samples that a person would give: pieces with a few seconds of speech each. */
import type { VoiceFrames } from '../../analysis/voice-frames.ts';
import { MEL_BANDS, VOICE_FRAMES_PER_SECOND } from '../../analysis/voice-frames.ts';

/** s of speech in a piece; with its pauses it is what 5 to 10 s hold. */
export const PIECE_SPEECH_SECONDS = 4.5;

/** First frame and the one after the last, for each whole piece. */
export function pieceRanges({ count, active }: VoiceFrames, most: number): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  let [start, spoken] = [0, 0];
  for (let frame = 0; frame < count && ranges.length < most; frame += 1) {
    spoken += active[frame]!;
    if (spoken < PIECE_SPEECH_SECONDS * VOICE_FRAMES_PER_SECOND) continue;
    ranges.push({ start, end: frame + 1 });
    [start, spoken] = [frame + 1, 0];
  }
  return ranges;
}

export const pieceOf = (frames: VoiceFrames, { start, end }: { start: number; end: number }): VoiceFrames => ({
  count: end - start,
  logMel: frames.logMel.subarray(start * MEL_BANDS, end * MEL_BANDS),
  levelDb: frames.levelDb.subarray(start, end),
  active: frames.active.subarray(start, end),
  f0Hz: frames.f0Hz.subarray(start, end),
});
