/** Levels of single tones, by least leakage: a Blackman-Harris window and a direct sum. */

/** Four-term Blackman-Harris: side lobes under -92 dB. */
export function blackmanHarris(frames: number): Float64Array {
  return Float64Array.from({ length: frames }, (_, i) => {
    const t = (2 * Math.PI * i) / frames;
    return 0.35875 - 0.48829 * Math.cos(t) + 0.14128 * Math.cos(2 * t) - 0.01168 * Math.cos(3 * t);
  });
}

/** Amplitude in dB re full scale of the tone at `hz`: a sine of amplitude 1 reads 0. */
export function toneDb(samples: ArrayLike<number>, hz: number, sampleRate: number): number {
  const window = blackmanHarris(samples.length);
  let [re, im, sum] = [0, 0, 0];
  for (let i = 0; i < samples.length; i += 1) {
    const phase = (2 * Math.PI * hz * i) / sampleRate;
    re += samples[i]! * window[i]! * Math.cos(phase);
    im += samples[i]! * window[i]! * Math.sin(phase);
    sum += window[i]!;
  }
  return 20 * Math.log10((2 * Math.hypot(re, im)) / sum + 1e-12);
}
