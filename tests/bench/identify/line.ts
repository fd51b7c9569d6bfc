/** Straight line through points by least squares. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): { slope: number; offset: number; correlation: number } {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const sum = (of: (x: number, y: number) => number) => points.reduce((s, [x, y]) => s + of(x - meanX, y - meanY), 0);
  const [xx, xy, yy] = [sum((x) => x * x), sum((x, y) => x * y), sum((_, y) => y * y)];
  return { slope: xy / xx, offset: meanY - (xy / xx) * meanX, correlation: xy / Math.sqrt(xx * yy) };
}
