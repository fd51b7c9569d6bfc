/** Straight line through points by least squares. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): { slope: number; offset: number } {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return { slope, offset: meanY - slope * meanX };
}
