/** Convolution by its definition, in double precision: slow and certain. */
export function convolve(x: Float32Array, h: Float32Array): Float32Array<ArrayBuffer> {
  const sum = new Float64Array(x.length);
  h.forEach((tap, k) => {
    for (let i = k; i < x.length; i += 1) sum[i]! += tap * x[i - k]!;
  });
  return Float32Array.from(sum);
}
