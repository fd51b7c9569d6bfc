/**
 * Minimum of a function of a few variables that has no derivatives worth taking.
 * Source: J. A. Nelder, R. Mead, "A simplex method for function minimization", 1965. Bounds by projection.
 */
export interface Variable {
  readonly start: number;
  readonly min: number;
  readonly max: number;
  /** Size of the first simplex along this variable. */
  readonly step: number;
}

/** @returns the best point seen within `evaluations` calls and its value */
export function minimize(variables: readonly Variable[], cost: (point: readonly number[]) => number, evaluations: number): { point: number[]; value: number } {
  const clamp = (p: readonly number[]) => p.map((v, i) => Math.min(variables[i]!.max, Math.max(variables[i]!.min, v)));
  let used = 0;
  const evaluate = (p: readonly number[]) => {
    used += 1;
    const point = clamp(p);
    return { point, value: cost(point) };
  };
  const start = variables.map((v) => v.start);
  const simplex = [evaluate(start), ...variables.map((v, i) => evaluate(start.map((s, j) => (i === j ? (s + v.step > v.max ? s - v.step : s + v.step) : s))))];
  while (used < evaluations) {
    simplex.sort((a, b) => a.value - b.value);
    const worst = simplex[simplex.length - 1]!;
    const others = simplex.slice(0, -1);
    const centre = start.map((_, i) => others.reduce((sum, s) => sum + s.point[i]!, 0) / others.length);
    const along = (factor: number) => evaluate(centre.map((c, i) => c + factor * (worst.point[i]! - c)));
    const reflected = along(-1);
    let next = reflected;
    if (reflected.value < simplex[0]!.value) {
      const expanded = along(-2);
      if (expanded.value < reflected.value) next = expanded;
    } else if (reflected.value >= others[others.length - 1]!.value) {
      next = along(reflected.value < worst.value ? -0.5 : 0.5);
    }
    if (next.value < worst.value) simplex[simplex.length - 1] = next;
    else {
      const best = simplex[0]!;
      for (let i = 1; i < simplex.length; i += 1) simplex[i] = evaluate(simplex[i]!.point.map((v, j) => (v + best.point[j]!) / 2));
    }
  }
  const best = simplex.reduce((a, b) => (b.value < a.value ? b : a));
  return { point: best.point, value: best.value };
}
