/** Runs of exact zeros on all channels: what a microphone that works does not give, and a device that dropped frames does. */

/** The shortest run that counts: a render quantum, the smallest piece that can be missing from Web Audio. */
export const SHORTEST_FRAMES = 128;

export interface ZeroRun {
  readonly frame: number;
  readonly frames: number;
}

export class ZeroRuns {
  /** Where the run that goes on began; -1 where the last frame was not zero. */
  #from = -1;
  #next = 0;
  /** Up to here it has been told. */
  #told = 0;

  /** Of the run that goes on. */
  get frames(): number {
    return this.#from < 0 ? 0 : this.#next - this.#from;
  }

  /** @returns the runs that ended within these rows */
  take(frame: number, rows: readonly Float32Array[]): ZeroRun[] {
    const ended: ZeroRun[] = [];
    const frames = rows[0]!.length;
    if (frame !== this.#next) ended.push(...this.#end(this.#next));
    for (let i = 0; i < frames; i += 1) {
      let isZero = true;
      for (const row of rows) if (row[i] !== 0) isZero = false;
      if (isZero) {
        if (this.#from < 0) [this.#from, this.#told] = [frame + i, frame + i];
      } else if (this.#from >= 0) ended.push(...this.#end(frame + i));
    }
    this.#next = frame + frames;
    return ended;
  }

  /** What has not been told of the run that goes on, if it is long enough: so that a crash does not lose it. */
  tell(): ZeroRun[] {
    if (this.#from < 0 || this.#next - this.#from < SHORTEST_FRAMES || this.#next === this.#told) return [];
    const run = { frame: this.#told, frames: this.#next - this.#told };
    this.#told = this.#next;
    return [run];
  }

  #end(frame: number): ZeroRun[] {
    const isLong = this.#from >= 0 && frame - this.#from >= SHORTEST_FRAMES && frame > this.#told;
    const run = { frame: this.#told, frames: frame - this.#told };
    this.#from = -1;
    return isLong ? [run] : [];
  }
}
