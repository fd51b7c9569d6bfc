/** Where in a recording most is said. */
import { VOICE_FRAMES_PER_SECOND } from '../../../wasm/analysis/voice-frames.ts';
import type { Stretch } from './contract.ts';

/** s. Long enough for every model, with room to both ends of 5 to 10. */
const BEST_SECONDS = 8;
/** Frames a stretch is moved by. */
const STEP = 5;
/** Of the frames at an edge: cutting into a word costs as much as this many silent frames. */
const EDGE_COST = 30;

/**
 * The 8 s with most speech, begun and ended in a pause where there is one.
 * @param active 1 or 0 per 10 ms
 * @returns s; the whole where it is shorter; null where nobody speaks
 */
export function bestStretch(active: Uint8Array): Stretch | null {
  const length = Math.min(active.length, BEST_SECONDS * VOICE_FRAMES_PER_SECOND);
  const spoken = new Uint32Array(active.length + 1);
  for (let i = 0; i < active.length; i += 1) spoken[i + 1] = spoken[i]! + active[i]!;
  if (spoken[active.length] === 0) return null;
  let best = { start: 0, worth: -Infinity };
  for (let start = 0; start + length <= active.length; start += STEP) {
    const end = start + length;
    const cuts = (active[start] === 1 && start > 0 ? 1 : 0) + (active[end - 1] === 1 && end < active.length ? 1 : 0);
    const worth = spoken[end]! - spoken[start]! - EDGE_COST * cuts;
    if (worth > best.worth) best = { start, worth };
  }
  return { start: best.start / VOICE_FRAMES_PER_SECOND, end: (best.start + length) / VOICE_FRAMES_PER_SECOND };
}
