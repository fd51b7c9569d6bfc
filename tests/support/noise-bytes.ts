/** Bytes that look like nothing, the same for the same seed: xorshift32 (G. Marsaglia, Xorshift RNGs, 2003). */
export function noiseBytes(size: number, seed: number): Buffer<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(size / 4));
  let x = (seed * 2_654_435_761) >>> 0 || 1;
  for (let i = 0; i < words.length; i += 1) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return Buffer.from(words.buffer, 0, size);
}
