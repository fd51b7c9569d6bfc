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

/** Solves a x = b for a symmetric positive matrix by Cholesky; null where it is not positive. */
export function solveSymmetric(a: readonly Float64Array[], b: ArrayLike<number>): Float64Array | null {
  const n = b.length;
  const l = a.map((row) => Float64Array.from(row));
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = l[i]![j]!;
      for (let k = 0; k < j; k += 1) sum -= l[i]![k]! * l[j]![k]!;
      if (i === j) {
        if (!(sum > 0)) return null;
        l[i]![i] = Math.sqrt(sum);
      } else l[i]![j] = sum / l[j]![j]!;
    }
  }
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i += 1) {
    for (let k = 0; k < i; k += 1) x[i]! -= l[i]![k]! * x[k]!;
    x[i]! /= l[i]![i]!;
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < n; k += 1) x[i]! -= l[k]![i]! * x[k]!;
    x[i]! /= l[i]![i]!;
  }
  return x;
}

/**
 * Values that make the residuals small.
 * @param residuals of the values, always the same length; already weighted
 */
export function fitLeastSquares(parameters: readonly FitParameter[], residuals: (values: readonly number[]) => Float64Array, options: FitOptions = {}): Fit {
  const { maxIterations = 30, tolerance = 1e-4 } = options;
  const count = parameters.length;
  const clamp = (values: readonly number[]) => values.map((v, i) => Math.min(parameters[i]!.max, Math.max(parameters[i]!.min, v)));
  let values = clamp(parameters.map((p) => p.start));
  let current = residuals(values);
  let best = sumSquares(current);
  let damping = 1e-3;
  let normal: Float64Array[] = [];
  for (let iteration = 0; iteration < maxIterations && count > 0; iteration += 1) {
    const rows: Float64Array[] = [];
    for (let i = 0; i < count; i += 1) {
      const { step, max } = parameters[i]!;
      const signed = values[i]! + step > max ? -step : step;
      const moved = values.map((v, j) => (j === i ? v + signed : v));
      const row = residuals(moved).slice();
      for (let k = 0; k < row.length; k += 1) row[k] = (row[k]! - current[k]!) / signed;
      rows.push(row);
    }
    normal = rows.map(() => new Float64Array(count));
    for (let i = 0; i < count; i += 1) {
      for (let j = 0; j <= i; j += 1) normal[i]![j] = normal[j]![i] = dot(rows[i]!, rows[j]!);
    }
    const gradient = rows.map((row) => dot(row, current));
    let improved = false;
    for (let attempt = 0; attempt < 8; attempt += 1) {
      // A parameter at its bound that wants to leave the box stays where it is, so that the others do not turn for it.
      const held = values.map((v, i) => (v <= parameters[i]!.min && gradient[i]! > 0) || (v >= parameters[i]!.max && gradient[i]! < 0));
      const system = normal.map((row, i) => row.map((value, j) => (held[i] || held[j] ? (i === j ? 1 : 0) : i === j ? value * (1 + damping) + 1e-12 : value)));
      const change = solveSymmetric(system, gradient.map((g, i) => (held[i] ? 0 : -g)));
      if (change) {
        const next = clamp(values.map((v, i) => v + change[i]!));
        const candidate = residuals(next);
        const sum = sumSquares(candidate);
        if (sum < best) {
          improved = best - sum > tolerance * best;
          values = next;
          current = candidate;
          best = sum;
          damping = Math.max(1e-9, damping / 5);
          break;
        }
      }
      damping *= 5;
    }
    if (!improved) break;
  }
  const degrees = Math.max(1, current.length - count);
  const deviations = parameters.map((_, i) => {
    const unit = Float64Array.from({ length: count }, (_u, j) => (i === j ? 1 : 0));
    const ridge = normal.map((row, a) => row.map((v, b) => (a === b ? v * (1 + 1e-9) + 1e-15 : v)));
    const column = normal.length === count ? solveSymmetric(ridge, unit) : null;
    return column && column[i]! > 0 ? Math.sqrt((column[i]! * best) / degrees) : Infinity;
  });
  return { values, sumOfSquares: best, residuals: current, deviations };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}
