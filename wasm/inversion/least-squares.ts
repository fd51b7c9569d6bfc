/**
 * Non-linear least squares with bounds, for a handful of parameters.
 * Source: K. Levenberg, 1944; D. W. Marquardt, 1963. Bounds by projection; the Jacobian by one-sided differences.
 */

export interface FitParameter {
  readonly start: number;
  readonly min: number;
  readonly max: number;
  /** Step of the difference quotient, in the unit of the parameter. */
  readonly step: number;
}

export interface FitOptions {
  readonly maxIterations?: number;
  /** Stops when the sum of squares falls by less than this share. */
  readonly tolerance?: number;
}

export interface Fit {
  readonly values: number[];
  readonly sumOfSquares: number;
  readonly residuals: Float64Array;
  /** Standard deviation of each value from the curvature and the residuals; infinite where nothing depends on it. */
  readonly deviations: number[];
}

const sumSquares = (r: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < r.length; i += 1) sum += r[i]! * r[i]!;
  return sum;
};

/** Lower triangle of a symmetric positive matrix of n rows (Cholesky), in place; false where it is not positive. */
function factor(l: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = l[i * n + j]!;
      for (let k = 0; k < j; k += 1) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i === j) {
        if (!(sum > 0)) return false;
        l[i * n + i] = Math.sqrt(sum);
      } else l[i * n + j] = sum / l[j * n + j]!;
    }
  }
  return true;
}

/** Solves a x = b in place of b, given the triangle of a. */
function solveFactored(l: Float64Array, n: number, x: Float64Array): void {
  for (let i = 0; i < n; i += 1) {
    for (let k = 0; k < i; k += 1) x[i]! -= l[i * n + k]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < n; k += 1) x[i]! -= l[k * n + i]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
}

/** Solves a x = b for a symmetric positive matrix; null where it is not positive. */
export function solveSymmetric(a: readonly Float64Array[], b: ArrayLike<number>): Float64Array | null {
  const n = b.length;
  const l = Float64Array.from({ length: n * n }, (_, k) => a[Math.floor(k / n)]![k % n]!);
  if (!factor(l, n)) return null;
  const x = Float64Array.from(b);
  solveFactored(l, n, x);
  return x;
}

/**
 * Values that make the residuals small.
 * @param residuals of the values, always the same length; already weighted. The array may be the same each time.
 */
export function fitLeastSquares(parameters: readonly FitParameter[], residuals: (values: readonly number[]) => Float64Array, options: FitOptions = {}): Fit {
  const { maxIterations = 30, tolerance = 1e-4 } = options;
  const count = parameters.length;
  const clamp = (values: readonly number[]) => values.map((v, i) => Math.min(parameters[i]!.max, Math.max(parameters[i]!.min, v)));
  let values = clamp(parameters.map((p) => p.start));
  const current = residuals(values).slice();
  const length = current.length;
  let best = sumSquares(current);
  let damping = 1e-3;
  // Made once: arrays of this size are dear to make and to collect.
  const rows = parameters.map(() => new Float64Array(length));
  const normal = new Float64Array(count * count);
  const system = new Float64Array(count * count);
  const change = new Float64Array(count);
  let isKnown = false;
  for (let iteration = 0; iteration < maxIterations && count > 0; iteration += 1) {
    for (let i = 0; i < count; i += 1) {
      const { step, max } = parameters[i]!;
      const signed = values[i]! + step > max ? -step : step;
      const moved = residuals(values.map((v, j) => (j === i ? v + signed : v)));
      const row = rows[i]!;
      for (let k = 0; k < length; k += 1) row[k] = (moved[k]! - current[k]!) / signed;
    }
    for (let i = 0; i < count; i += 1) {
      for (let j = 0; j <= i; j += 1) normal[i * count + j] = normal[j * count + i] = dot(rows[i]!, rows[j]!);
    }
    isKnown = true;
    const gradient = rows.map((row) => dot(row, current));
    // A parameter at its bound that wants to leave the box stays where it is, so that the others do not turn for it.
    const held = values.map((v, i) => (v <= parameters[i]!.min && gradient[i]! > 0) || (v >= parameters[i]!.max && gradient[i]! < 0));
    let improved = false;
    for (let attempt = 0; attempt < 8; attempt += 1) {
      for (let i = 0; i < count; i += 1) {
        for (let j = 0; j < count; j += 1) {
          const value = normal[i * count + j]!;
          system[i * count + j] = held[i] || held[j] ? (i === j ? 1 : 0) : i === j ? value * (1 + damping) + 1e-12 : value;
        }
        change[i] = held[i] ? 0 : -gradient[i]!;
      }
      if (factor(system, count)) {
        solveFactored(system, count, change);
        const next = clamp(values.map((v, i) => v + change[i]!));
        const candidate = residuals(next);
        const sum = sumSquares(candidate);
        if (sum < best) {
          improved = best - sum > tolerance * best;
          values = next;
          current.set(candidate);
          best = sum;
          damping = Math.max(1e-9, damping / 5);
          break;
        }
      }
      damping *= 5;
    }
    if (!improved) break;
  }
  return {
    values,
    sumOfSquares: best,
    residuals: current,
    // Few who fit ask for these.
    get deviations() {
      const ridge = normal.map((v, at) => (at % (count + 1) === 0 ? v * (1 + 1e-9) + 1e-15 : v));
      const isSolvable = isKnown && factor(ridge, count);
      return parameters.map((_, i) => {
        if (!isSolvable) return Infinity;
        const column = new Float64Array(count);
        column[i] = 1;
        solveFactored(ridge, count, column);
        return column[i]! > 0 ? Math.sqrt((column[i]! * best) / Math.max(1, length - count)) : Infinity;
      });
    },
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}
