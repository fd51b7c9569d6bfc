/**
 * A signal in which every sample says which frame it is: 16-bit samples, two frames a word. Even frames are positive and count up,
 * odd ones are negative and count the rounds of the even ones. No sample is zero, so silence is never part of it.
 */
const ROUND = 32767;

/** @returns -32768 to 32767, never 0 */
export function codeOf(frame: number): number {
  const word = frame >> 1;
  return frame & 1 ? -1 - (Math.floor(word / ROUND) % ROUND) : 1 + (word % ROUND);
}

/** As Chromium makes floats of 16-bit samples: negative ones over 32768, positive ones over 32767. */
export const sampleOf = (frame: number): number => codeOf(frame) / (codeOf(frame) < 0 ? 32768 : 32767);

const inCodes = (sample: number): number => sample * (sample < 0 ? 32768 : 32767);
const codeOfSample = (sample: number): number => Math.round(inCodes(sample));

/** Browsers divide or multiply, which differs by a rounding; a hundredth of a step is far from either. */
const says = (sample: number, frame: number): boolean => Math.abs(inCodes(sample) - codeOf(frame)) < 0.01;

/** The frame at `at`, told by it and the sample beside it; -1 where they are no code. */
export function frameAt(samples: ArrayLike<number>, at: number): number {
  const [first, second] = [codeOfSample(samples[at] ?? 0), codeOfSample(samples[at + 1] ?? 0)];
  if (first > 0 && second < 0) return 2 * ((-second - 1) * ROUND + first - 1);
  // An odd frame first: the even one after it is of the next word.
  if (first < 0 && second > 0) {
    const word = second - 2 < 0 ? (-first - 1) * ROUND + ROUND - 1 : (-first - 1) * ROUND + second - 2;
    return 2 * word + 1;
  }
  return -1;
}

/** More than a broken test can be read by. */
const MOST_BREAKS = 50;

export interface CodeBreak {
  /** Where in the signal that is read. */
  readonly at: number;
  /** Frames of exact silence in it. */
  readonly zeros: number;
  /** Frames of the signal that do not come. Negative: they come twice. */
  readonly missing: number;
}

export interface CodeReading {
  readonly frames: number;
  /** The frame said by the first and the last sample; -1 where there is none. */
  readonly first: number;
  readonly last: number;
  /** Where the count does not go on by one; the first of them. */
  readonly breaks: readonly CodeBreak[];
  /** Samples that are neither silence nor what their place says. */
  readonly wrong: number;
}

/** Reads a coded signal piece by piece, every sample of it. */
export class CodeReader {
  #frames = 0;
  #first = -1;
  /** What the next sample should say; -1 before the first and within a break. */
  #next = -1;
  #last = -1;
  #brokenAt = -1;
  #zeros = 0;
  #wrong = 0;
  readonly #breaks: CodeBreak[] = [];
  #held = 0;
  #hasHeld = false;

  read(samples: ArrayLike<number>): void {
    for (let i = 0; i < samples.length; i += 1) this.#take(samples[i]!);
  }

  #take(sample: number): void {
    this.#frames += 1;
    if (this.#next >= 0 && says(sample, this.#next)) {
      this.#last = this.#next;
      this.#next += 1;
      return;
    }
    if (this.#next >= 0) {
      this.#brokenAt = this.#frames - 1;
      this.#zeros = 0;
      this.#next = -1;
      this.#hasHeld = false;
    }
    if (sample === 0) {
      this.#zeros += 1;
      if (this.#hasHeld) this.#wrong += 1;
      this.#hasHeld = false;
      return;
    }
    // Two samples say where the signal goes on; one alone says nothing.
    if (!this.#hasHeld) {
      [this.#held, this.#hasHeld] = [sample, true];
      return;
    }
    const frame = frameAt([this.#held, sample], 0);
    const isCode = frame >= 0 && says(this.#held, frame) && says(sample, frame + 1);
    if (!isCode) {
      this.#wrong += 1;
      this.#held = sample;
      return;
    }
    if (this.#first < 0) this.#first = frame;
    else if (this.#breaks.length < MOST_BREAKS) this.#breaks.push({ at: this.#brokenAt, zeros: this.#zeros, missing: frame - this.#last - 1 });
    [this.#last, this.#next, this.#hasHeld, this.#zeros] = [frame + 1, frame + 2, false, 0];
  }

  result(): CodeReading {
    return { frames: this.#frames, first: this.#first, last: this.#last, breaks: this.#breaks, wrong: this.#wrong };
  }
}

/** A mono WAV file of 16 bits. Chromium's fake microphone runs at 44 100 Hz: at that rate it gives these samples exactly. */
export function codedWav(seconds: number, sampleRate = 44_100): Buffer {
  const frames = Math.round(seconds * sampleRate);
  const buffer = Buffer.alloc(44 + 2 * frames);
  buffer.write('RIFF', 0);
  buffer.writeUInt32LE(36 + 2 * frames, 4);
  buffer.write('WAVEfmt ', 8);
  buffer.writeUInt32LE(16, 16);
  buffer.writeUInt16LE(1, 20);
  buffer.writeUInt16LE(1, 22);
  buffer.writeUInt32LE(sampleRate, 24);
  buffer.writeUInt32LE(2 * sampleRate, 28);
  buffer.writeUInt16LE(2, 32);
  buffer.writeUInt16LE(16, 34);
  buffer.write('data', 36);
  buffer.writeUInt32LE(2 * frames, 40);
  for (let frame = 0; frame < frames; frame += 1) buffer.writeInt16LE(codeOf(frame), 44 + 2 * frame);
  return buffer;
}
