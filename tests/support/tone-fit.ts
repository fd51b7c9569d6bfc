/**
 * The sinusoid of one frequency that fits best (least squares), and what it leaves.
 * @returns amplitude, and power of the rest over the tone's
 */
export function toneFit(samples: Float32Array, hz: number, sampleRate: number): { amplitude: number; restDb: number } {
  let [ss, cc, sc, xs, xc] = [0, 0, 0, 0, 0];
  const step = (2 * Math.PI * hz) / sampleRate;
  samples.forEach((x, i) => {
    const [s, c] = [Math.sin(step * i), Math.cos(step * i)];
    ss += s * s;
    cc += c * c;
    sc += s * c;
    xs += x * s;
    xc += x * c;
  });
  const determinant = ss * cc - sc * sc;
  const [a, b] = [(xs * cc - xc * sc) / determinant, (xc * ss - xs * sc) / determinant];
  let [tone, rest] = [0, 0];
  samples.forEach((x, i) => {
    const fit = a * Math.sin(step * i) + b * Math.cos(step * i);
    tone += fit * fit;
    rest += (x - fit) ** 2;
  });
  return { amplitude: Math.hypot(a, b), restDb: 10 * Math.log10(rest / tone) };
}
