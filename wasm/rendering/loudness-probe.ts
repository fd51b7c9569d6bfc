/** Loudness and true peak of what flows by. */
import type { Engine } from '../host/engine.ts';

export interface OutputLoudness {
  /** ITU-R BS.1770, gated; null where nothing passes the gate. */
  readonly integratedLufs: number | null;
  /** Null for silence. */
  readonly truePeakDbtp: number | null;
}

export class LoudnessProbe {
  #fs: number; #z = new Float64Array(8); #peak = 0; #blocks: number[] = []; #acc = 0; #n = 0; #hop: number; #c: number[];
  constructor(_engine: Engine, sampleRate: number) {
    this.#fs = sampleRate; this.#hop = Math.round(sampleRate / 10);
    let f0 = 1681.974450955533, q = 0.7071752369554196; const gain = 3.999843853973347;
    let k = Math.tan(Math.PI * f0 / sampleRate); const vh = 10 ** (gain / 20), vb = vh ** 0.4996667741545416; let a0 = 1 + k / q + k * k;
    const c = [(vh + vb * k / q + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0];
    f0 = 38.13547087602444; q = 0.5003270373238773; k = Math.tan(Math.PI * f0 / sampleRate); a0 = 1 + k / q + k * k;
    this.#c = [...c, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0];
  }
  add(channels: readonly Float32Array[]): void {
    const rows = channels.length === 1 ? [channels[0]!, channels[0]!] : channels;
    const [b0, b1, b2, a1, a2, c1, c2] = this.#c as [number, number, number, number, number, number, number];
    const z = this.#z;
    for (let i = 0; i < rows[0]!.length; i += 1) {
      for (let ch = 0; ch < 2; ch += 1) {
        const x = rows[ch]![i]!; const o = ch * 4;
        if (Math.abs(x) > this.#peak) this.#peak = Math.abs(x);
        const y = b0 * x + z[o]!; z[o] = b1 * x - a1 * y + z[o + 1]!; z[o + 1] = b2 * x - a2 * y;
        const w = y + z[o + 2]!; z[o + 2] = -2 * y - c1 * w + z[o + 3]!; z[o + 3] = y - c2 * w;
        this.#acc += w * w;
      }
      if (++this.#n === this.#hop) { this.#blocks.push(this.#acc / this.#hop); this.#acc = 0; this.#n = 0; }
    }
  }
  finish(): OutputLoudness {
    const b = this.#blocks; const m: number[] = [];
    for (let i = 3; i < b.length; i += 1) m.push((b[i]! + b[i - 1]! + b[i - 2]! + b[i - 3]!) / 4);
    const l = (p: number) => -0.691 + 10 * Math.log10(p);
    const mean = (v: number[]) => v.reduce((s, x) => s + x, 0) / v.length;
    let keep = m.filter((p) => l(p) > -70);
    if (keep.length) { const rel = l(mean(keep)) - 10; keep = keep.filter((p) => l(p) > rel); }
    return { integratedLufs: keep.length ? l(mean(keep)) : null, truePeakDbtp: this.#peak > 0 ? 20 * Math.log10(this.#peak) : null };
  }
}
