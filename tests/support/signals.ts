/** Test signals. Every random number is seeded. */

/** Uniform numbers in [0, 1): mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function whiteNoise(frames: number, seed: number, amplitude = 0.5): Float32Array<ArrayBuffer> {
  const random = randomNumbers(seed);
  return Float32Array.from({ length: frames }, () => (random() * 2 - 1) * amplitude);
}

/** Noise with a -3 dB per octave slope (Paul Kellet's economy filter). */
export function pinkNoise(frames: number, seed: number, amplitude = 0.2): Float32Array<ArrayBuffer> {
  const random = randomNumbers(seed);
  let [b0, b1, b2] = [0, 0, 0];
  return Float32Array.from({ length: frames }, () => {
    const white = random() * 2 - 1;
    b0 = 0.99765 * b0 + white * 0.099046;
    b1 = 0.963 * b1 + white * 0.2965164;
    b2 = 0.57 * b2 + white * 1.0526913;
    return (b0 + b1 + b2 + white * 0.1848) * amplitude * 0.25;
  });
}

export const sine = (frames: number, hz: number, sampleRate: number, amplitude = 0.5, phase = 0): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: frames }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / sampleRate + phase));

/**
 * Music-like material: decaying plucked notes over a bass and noise hits, with stereo placement. Dynamic, with gaps.
 * @returns left and right
 */
export function musicLike(seconds: number, sampleRate: number, seed: number): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] {
  const frames = Math.round(seconds * sampleRate);
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  const random = randomNumbers(seed);
  const scale = [0, 3, 5, 7, 10, 12, 15, 17];
  for (let beat = 0; beat * 0.25 < seconds; beat += 1) {
    const start = Math.round(beat * 0.25 * sampleRate);
    const isHit = beat % 4 === 2;
    const note = 110 * 2 ** (scale[Math.floor(random() * scale.length)]! / 12) * (beat % 8 === 0 ? 0.5 : 1 + Math.floor(random() * 3));
    const level = 0.1 + 0.25 * random() * (Math.floor(beat / 16) % 2 === 0 ? 0.5 : 1);
    const pan = 0.3 + 0.4 * random();
    const length = Math.min(frames - start, Math.round(sampleRate * (0.2 + 0.5 * random())));
    let coloured = 0;
    for (let i = 0; i < length; i += 1) {
      const t = i / sampleRate;
      const decay = Math.exp(-t * 7) * Math.min(1, i / 32);
      let sample = 0;
      for (let h = 1; h <= 12 && note * h < sampleRate * 0.45; h += 1) sample += Math.sin(2 * Math.PI * note * h * t) / h ** 1.3;
      if (isHit) {
        coloured = 0.6 * coloured + 0.4 * (random() * 2 - 1);
        sample = 0.4 * sample + 2 * coloured * Math.exp(-t * 25);
      }
      left[start + i]! += sample * decay * level * (1 - pan);
      right[start + i]! += sample * decay * level * pan;
    }
  }
  return [left, right];
}
