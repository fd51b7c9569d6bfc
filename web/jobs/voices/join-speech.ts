/**
 * Parts of speech become one sound as they come. What a synthesiser leaves quiet at the edges of a part is cut down to a breath, so that
 * the pause is ours to choose, and each edge goes to zero along a raised cosine, so that nothing clicks however loud a part ends.
 */
export interface SpeechJoiner {
  /**
   * @param frames  of the part that is spoken now, full scale ±1
   * @returns what can be heard of it by now; the rest waits for what follows
   */
  push(frames: Float32Array): Float32Array<ArrayBuffer>;
  /** The part is over. @param pauseSeconds  until the next one; null: it was the last, and ends as it was spoken */
  end(pauseSeconds: number | null): Float32Array<ArrayBuffer>;
}

/** Full scale: -50 dBFS, some 30 dB below speech. What lies below it at an edge is no part of a sound of speech. */
const QUIET = 10 ** (-50 / 20);
/** s that stay of the quiet at an edge: breaths and the onset of an f lie in it. */
const EDGE_SECONDS = 0.04;
/** s. Long against a click, short against a sound of speech. */
const FADE_SECONDS = 0.008;

const joined = (first: Float32Array, second: Float32Array): Float32Array<ArrayBuffer> => {
  const both = new Float32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
};

/** @param sampleRate  Hz */
export function createSpeechJoiner(sampleRate: number): SpeechJoiner {
  const edge = Math.round(EDGE_SECONDS * sampleRate);
  const fade = Math.round(FADE_SECONDS * sampleRate);
  /** Raised cosine from 0 to 1, silent at 0. */
  const rise = Float32Array.from({ length: fade }, (_, frame) => 0.5 - 0.5 * Math.cos((Math.PI * frame) / fade));

  let held: Float32Array<ArrayBuffer> = new Float32Array(0);
  let isFirst = true;
  /** Nothing of this part was loud yet. */
  let isLeading = true;
  /** Frames of this part that are out. */
  let out = 0;

  /** Of this part, in order; what follows a join rises from silence. */
  function give(frames: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
    if (!isFirst) for (let i = 0; i < frames.length && out + i < fade; i += 1) frames[i]! *= rise[out + i]!;
    out += frames.length;
    return frames;
  }

  return {
    push(frames) {
      let open = joined(held, frames);
      if (isLeading) {
        const first = open.findIndex((sample) => Math.abs(sample) >= QUIET);
        isLeading = first === -1;
        // The very beginning stays as it was spoken.
        if (!isFirst) open = open.slice(Math.max(0, (isLeading ? open.length : first) - edge));
      }
      if (isLeading) {
        held = open;
        return new Float32Array(0);
      }
      const last = open.findLastIndex((sample) => Math.abs(sample) >= QUIET);
      const ready = Math.max(0, Math.min(last + 1, open.length - fade));
      held = open.slice(ready);
      return give(open.slice(0, ready));
    },
    end(pauseSeconds) {
      let rest = held;
      if (pauseSeconds !== null) {
        rest = isLeading ? new Float32Array(0) : rest.slice(0, Math.max(fade, edge));
        const falling = Math.min(fade, rest.length);
        for (let i = 0; i < falling; i += 1) rest[rest.length - 1 - i]! *= rise[i]!;
      }
      const spoken = give(rest);
      [held, isFirst, isLeading, out] = [new Float32Array(0), false, true, 0];
      return pauseSeconds === null ? spoken : joined(spoken, new Float32Array(Math.round(pauseSeconds * sampleRate)));
    },
  };
}
