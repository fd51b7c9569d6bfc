/** The stretch of a recording around the playhead, in pieces as they arrive: what a live chain reads. */
import type { LiveInput } from '../../../wasm/rendering/live-chain.ts';

interface Piece {
  readonly frame: number;
  readonly rows: readonly Float32Array[];
}

export class Tape implements LiveInput {
  readonly channels: 1 | 2;
  readonly frames: number;
  readonly #keptFrames: number;
  /** In order, without gaps. */
  #pieces: Piece[] = [];

  /** @param keptFrames how much of what was read stays for chains that are made ready */
  constructor(channels: 1 | 2, frames: number, keptFrames: number) {
    this.channels = channels;
    this.frames = frames;
    this.#keptFrames = keptFrames;
  }

  get oldestFrame(): number {
    return this.#pieces[0]?.frame ?? 0;
  }

  add(frame: number, rows: readonly Float32Array[]): void {
    this.#pieces.push({ frame, rows: rows.map(withoutBroken) });
  }

  /** Lets go of what lies too far behind a frame. */
  forget(frame: number): void {
    const end = (piece: Piece) => piece.frame + piece.rows[0]!.length;
    while (this.#pieces.length > 1 && end(this.#pieces[0]!) < frame - this.#keptFrames) this.#pieces.shift();
  }

  read(frame: number, left: Float32Array, right: Float32Array): boolean {
    const end = Math.min(frame + left.length, this.frames);
    let at = Math.max(0, frame);
    if (at > frame || end < frame + left.length) {
      left.fill(0);
      right.fill(0);
    }
    for (const { frame: from, rows } of this.#pieces) {
      const length = rows[0]!.length;
      if (from > at || from + length <= at) continue;
      const count = Math.min(from + length, end) - at;
      if (count <= 0) break;
      left.set(rows[0]!.subarray(at - from, at - from + count), at - frame);
      right.set((rows[1] ?? rows[0]!).subarray(at - from, at - from + count), at - frame);
      at += count;
    }
    if (at >= end) return true;
    left.fill(0, at - frame);
    right.fill(0, at - frame);
    return false;
  }
}

// As a render does: one sample that is not a number would silence every filter after it.
const withoutBroken = (row: Float32Array): Float32Array => (row.every((x) => x - x === 0) ? row : row.map((x) => (x - x === 0 ? x : 0)));
