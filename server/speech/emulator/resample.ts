/** Another sample rate, by a windowed sinc read at any place. Source: J. O. Smith, "Digital Audio Resampling Home Page", the direct form. */

/** Zero crossings at each side. */
const WINGS = 16;

/**
 * @param samples  frames
 * @param ratio    frames out for one in, 0.1 to 10; below 1 what would alias is taken away
 * @returns round(frames * ratio) frames
 */
export function resample(samples: Float32Array, ratio: number): Float32Array {
  if (ratio === 1) return samples;
  const out = new Float32Array(Math.round(samples.length * ratio));
  const cut = Math.min(1, ratio);
  const reach = WINGS / cut;
  for (let i = 0; i < out.length; i += 1) {
    const centre = i / ratio;
    const [from, to] = [Math.max(0, Math.ceil(centre - reach)), Math.min(samples.length - 1, Math.floor(centre + reach))];
    let sum = 0;
    for (let j = from; j <= to; j += 1) {
      const x = (centre - j) * cut;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      const place = Math.cos((Math.PI * x) / (2 * WINGS));
      sum += samples[j]! * sinc * place * place;
    }
    out[i] = sum * cut;
  }
  return out;
}
