/**
 * Butterworth filters run forwards and backwards: no phase, twice the attenuation.
 * Source: Oppenheim and Schafer, Discrete-Time Signal Processing, sections 7.1 (bilinear transform) and B.1 (Butterworth).
 */
interface Section {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

interface Complex {
  readonly re: number;
  readonly im: number;
}

const multiply = (p: Complex, q: Complex): Complex => ({ re: p.re * q.re - p.im * q.im, im: p.re * q.im + p.im * q.re });
const plus = (p: Complex, q: Complex): Complex => ({ re: p.re + q.re, im: p.im + q.im });
const scaled = (p: Complex, by: number): Complex => ({ re: p.re * by, im: p.im * by });
const inverse = ({ re, im }: Complex): Complex => scaled({ re, im: -im }, 1 / (re * re + im * im));
function root({ re, im }: Complex): Complex {
  const size = Math.hypot(re, im);
  return { re: Math.sqrt((size + re) / 2), im: Math.sign(im || 1) * Math.sqrt((size - re) / 2) };
}

/** Poles in the upper half plane of the analogue low pass of `order` (even) at 1 rad/s. */
const prototype = (order: number): Complex[] =>
  Array.from({ length: order / 2 }, (_, k) => {
    const angle = Math.PI / 2 + (Math.PI * (2 * k + 1)) / (2 * order);
    return { re: Math.cos(angle), im: Math.sin(angle) };
  });

const warped = (hz: number, sampleRate: number): number => Math.tan((Math.PI * hz) / sampleRate);

/** (1 + s) / (1 - s), with which an analogue pole becomes a digital one. */
const toDigital = (s: Complex): Complex => multiply({ re: 1 + s.re, im: s.im }, inverse({ re: 1 - s.re, im: -s.im }));

/** A conjugate pair of poles with given zeros, gain 1 where `at` (a point of the unit circle) lies. */
function sectionOf(pole: Complex, zeros: readonly [number, number, number], at: Complex): Section {
  const a = [-2 * pole.re, pole.re ** 2 + pole.im ** 2] as const;
  const back = inverse(at);
  const size = (c0: number, c1: number, c2: number) => {
    const value = plus({ re: c0, im: 0 }, plus(scaled(back, c1), scaled(multiply(back, back), c2)));
    return Math.hypot(value.re, value.im);
  };
  const gain = size(1, ...a) / size(...zeros);
  return { b: [zeros[0] * gain, zeros[1] * gain, zeros[2] * gain], a };
}

/** Between the two frequencies; null: open on that side. `order` counts as is customary, half of a band pass's poles. */
export function butterworth(lowHz: number | null, highHz: number | null, order: number, sampleRate: number): Section[] {
  if (lowHz === null && highHz !== null) {
    return prototype(order).map((p) => sectionOf(toDigital(scaled(p, warped(highHz, sampleRate))), [1, 2, 1], { re: 1, im: 0 }));
  }
  if (lowHz !== null && highHz === null) {
    return prototype(order).map((p) => sectionOf(toDigital(scaled(inverse(p), warped(lowHz, sampleRate))), [1, -2, 1], { re: -1, im: 0 }));
  }
  const [low, high] = [warped(lowHz ?? 0, sampleRate), warped(highHz ?? 0, sampleRate)];
  const middle = 2 * Math.atan(Math.sqrt(low * high));
  const at = { re: Math.cos(middle), im: Math.sin(middle) };
  return prototype(order).flatMap((p) => {
    const half = scaled(p, (high - low) / 2);
    const spread = root(plus(multiply(half, half), { re: -low * high, im: 0 }));
    return [plus(half, spread), plus(half, scaled(spread, -1))].map((pole) => sectionOf(toDigital(pole), [1, 0, -1], at));
  });
}

function run(sections: readonly Section[], row: Float64Array): void {
  for (const { b, a } of sections) {
    // Starts as if the first sample had been there for ever.
    const steady = ((b[0] + b[1] + b[2]) / (1 + a[0] + a[1])) * row[0]!;
    let s2 = b[2] * row[0]! - a[1] * steady;
    let s1 = b[1] * row[0]! - a[0] * steady + s2;
    for (let i = 0; i < row.length; i += 1) {
      const x = row[i]!;
      const y = b[0] * x + s1;
      s1 = b[1] * x - a[0] * y + s2;
      s2 = b[2] * x - a[1] * y;
      row[i] = y;
    }
  }
}

/** Both ends are continued by turning the signal round them. */
export function zeroPhase(sections: readonly Section[], samples: Float32Array): Float64Array {
  const turn = Math.min(samples.length - 1, 3 * (2 * sections.length + 1));
  const row = new Float64Array(samples.length + 2 * turn);
  const end = samples.length - 1;
  for (let i = 0; i < turn; i += 1) {
    row[i] = 2 * samples[0]! - samples[turn - i]!;
    row[turn + samples.length + i] = 2 * samples[end]! - samples[end - 1 - i]!;
  }
  row.set(samples, turn);
  run(sections, row);
  row.reverse();
  run(sections, row);
  row.reverse();
  return row.subarray(turn, turn + samples.length);
}
