/** The little linear algebra that making the projection needs. Matrices are square, symmetric, row by row. */

/** Lower triangle l with a = l l'. @throws Error where a is not positive */
export function cholesky(a: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k += 1) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i !== j) l[i * n + j] = sum / l[j * n + j]!;
      else if (sum > 0) l[i * n + i] = Math.sqrt(sum);
      else throw new Error('The matrix is not positive');
    }
  }
  return l;
}

/** Eigenvalues and vectors (columns) by cyclic Jacobi rotations. Source: G. Golub, C. Van Loan, Matrix Computations, 8.5. */
export function eigen(a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const m = a.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) v[i * n + i] = 1;
  for (let sweep = 0; sweep < 30; sweep += 1) {
    let [off, on] = [0, 0];
    for (let i = 0; i < n; i += 1) for (let j = 0; j < n; j += 1) if (i === j) on += m[i * n + i]! ** 2; else off += m[i * n + j]! ** 2;
    if (off <= 1e-20 * on) break;
    for (let p = 0; p < n - 1; p += 1) for (let q = p + 1; q < n; q += 1) rotate(m, v, n, p, q);
  }
  return { values: Float64Array.from({ length: n }, (_, i) => m[i * n + i]!), vectors: v };
}

function rotate(m: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = m[p * n + q]!;
  if (apq === 0) return;
  const theta = (m[q * n + q]! - m[p * n + p]!) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k += 1) {
    const [kp, kq] = [m[k * n + p]!, m[k * n + q]!];
    m[k * n + p] = c * kp - s * kq;
    m[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k += 1) {
    const [pk, qk, vp, vq] = [m[p * n + k]!, m[q * n + k]!, v[k * n + p]!, v[k * n + q]!];
    m[p * n + k] = c * pk - s * qk;
    m[q * n + k] = s * pk + c * qk;
    v[k * n + p] = c * vp - s * vq;
    v[k * n + q] = s * vp + c * vq;
  }
}

/**
 * Directions w with b w = λ a w, largest λ first, scaled so that w' a w = 1.
 * @param a positive
 * @returns one row a direction
 */
export function generalisedEigen(b: Float64Array, a: Float64Array, n: number): { values: number[]; rows: Float64Array[] } {
  const l = cholesky(a, n);
  // c = l^-1 b l^-T, by solving twice.
  const solveRows = (m: Float64Array): Float64Array => {
    const x = m.slice();
    for (let i = 0; i < n; i += 1) {
      for (let k = 0; k < i; k += 1) {
        const lik = l[i * n + k]!;
        for (let j = 0; j < n; j += 1) x[i * n + j]! -= lik * x[k * n + j]!;
      }
      for (let j = 0; j < n; j += 1) x[i * n + j]! /= l[i * n + i]!;
    }
    return x;
  };
  const transposed = (m: Float64Array): Float64Array => Float64Array.from({ length: n * n }, (_, i) => m[(i % n) * n + Math.floor(i / n)]!);
  const { values, vectors } = eigen(solveRows(transposed(solveRows(b))), n);
  const order = Array.from(values.keys()).toSorted((i, j) => values[j]! - values[i]!);
  return {
    values: order.map((i) => values[i]!),
    rows: order.map((column) => {
      const w = Float64Array.from({ length: n }, (_, i) => vectors[i * n + column]!);
      for (let i = n - 1; i >= 0; i -= 1) {
        for (let k = i + 1; k < n; k += 1) w[i]! -= l[k * n + i]! * w[k]!;
        w[i]! /= l[i * n + i]!;
      }
      // The sign is free: the largest weight is positive, so that the table does not depend on rounding.
      const largest = w.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
      return largest < 0 ? w.map((value) => -value) : w;
    }),
  };
}
