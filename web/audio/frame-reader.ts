/** A recording on an endless line of time: silence around it, or again and again. */
import type { PcmSource } from '../../shared/pcm.ts';
import type { FrameReader } from './playback-resampler.ts';

/** Fade on each side of a repetition's seam. */
const SEAM_SECONDS = 0.012;

/** Frames of a recording; zeros before its start and after its end. */
export function paddedReader(pcm: PcmSource): FrameReader {
  return async (frame, frames) => {
    const from = Math.max(0, frame);
    const to = Math.min(pcm.frames, frame + frames);
    const inside = to > from ? await pcm.read(from, to - from) : [];
    return Array.from({ length: pcm.channels }, (_, channel) => {
      const out = new Float32Array(frames);
      const found = inside[channel];
      if (found) out.set(found.subarray(0, frames - (from - frame)), from - frame);
      return out;
    });
  };
}

/** A recording that starts again when it ends, with a short fade out and in at the seam. */
export function loopedReader(pcm: PcmSource): FrameReader {
  const padded = paddedReader(pcm);
  const seam = Math.min(Math.floor(pcm.sampleRate * SEAM_SECONDS), Math.floor(pcm.frames / 2));
  const fadeAt = (inLoop: number) => Math.min(1, (inLoop + 0.5) / seam, (pcm.frames - inLoop - 0.5) / seam);
  return async (frame, frames) => {
    const out = Array.from({ length: pcm.channels }, () => new Float32Array(frames));
    let done = 0;
    while (done < frames) {
      const inLoop = (((frame + done) % pcm.frames) + pcm.frames) % pcm.frames;
      const count = Math.min(frames - done, pcm.frames - inLoop);
      const piece = await padded(inLoop, count);
      piece.forEach((channel, c) => {
        for (let i = 0; i < count; i++) {
          const at = inLoop + i;
          const nearSeam = (at < seam && frame + done + i >= pcm.frames) || at >= pcm.frames - seam;
          out[c]![done + i] = channel[i]! * (nearSeam ? fadeAt(at) : 1);
        }
      });
      done += count;
    }
    return out;
  };
}
