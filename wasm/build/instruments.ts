/** Instruments of a small band, synthesised from nothing: what composed music is played on. 48 kHz. */
export const RATE_HZ = 48_000;

export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
};

const midiHz = (note: number): number => 440 * 2 ** ((note - 69) / 12);

export interface Voice {
  readonly left: Float32Array;
  readonly right: Float32Array;
  /** Equal-power position, 0 left to 1 right. */
  place(atSeconds: number, samples: Float32Array, level: number, pan: number): void;
}

export function stage(seconds: number): Voice {
  const frames = Math.round(seconds * RATE_HZ);
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  return {
    left,
    right,
    place(atSeconds, samples, level, pan) {
      const start = Math.round(atSeconds * RATE_HZ);
      const l = level * Math.cos((pan * Math.PI) / 2);
      const r = level * Math.sin((pan * Math.PI) / 2);
      for (let i = 0; i < samples.length && start + i < frames; i += 1) {
        left[start + i]! += samples[i]! * l;
        right[start + i]! += samples[i]! * r;
      }
    },
  };
}

/** Plucked string: Karplus and Strong, Computer Music Journal 7(2), 1983, with a tuning all-pass. */
export function pluck(note: number, seconds: number, brightness: number, random: () => number): Float32Array {
  const period = RATE_HZ / midiHz(note) - 0.5;
  const delay = Math.floor(period);
  const fraction = period - delay;
  const line = Float32Array.from({ length: delay }, () => random() * 2 - 1);
  for (let pass = 0; pass < 3 - 2 * brightness; pass += 1) {
    for (let i = 1; i < delay; i += 1) line[i] = 0.5 * line[i]! + 0.5 * line[i - 1]!;
  }
  const loss = 0.5 ** (1 / (midiHz(note) * seconds * 0.35));
  let last = 0;
  return Float32Array.from({ length: Math.round(seconds * RATE_HZ) }, (_, i) => {
    const at = i % delay;
    const out = line[at]!;
    const next = line[(at + 1) % delay]!;
    line[at] = loss * ((1 - fraction) * (0.5 * out + 0.5 * last) + fraction * (0.5 * out + 0.5 * next));
    last = out;
    return out * Math.min(1, (seconds * RATE_HZ - i) / 800);
  });
}

/** Bowed or blown tone: harmonics with vibrato and a slow attack. */
export function sustain(note: number, seconds: number, harmonics: number): Float32Array {
  let phase = 0;
  return Float32Array.from({ length: Math.round(seconds * RATE_HZ) }, (_, i) => {
    const t = i / RATE_HZ;
    phase += (2 * Math.PI * midiHz(note) * (1 + 0.004 * Math.sin(2 * Math.PI * 5.1 * t) * Math.min(1, t * 2))) / RATE_HZ;
    let sum = 0;
    for (let h = 1; h <= harmonics; h += 1) sum += Math.sin(h * phase) / h ** 1.4;
    return sum * Math.min(1, t / 0.09) * Math.min(1, (seconds - t) / 0.12) * 0.4;
  });
}

/** Struck sounds end in 5 ms: what is left of them would click where it is cut. */
const ending = (seconds: number, t: number): number => Math.min(1, (seconds - t) / 0.005);

export function kick(random: () => number): Float32Array {
  let phase = 0;
  return Float32Array.from({ length: Math.round(0.32 * RATE_HZ) }, (_, i) => {
    const t = i / RATE_HZ;
    phase += (2 * Math.PI * (48 + 130 * Math.exp(-t * 38))) / RATE_HZ;
    return (Math.sin(phase) * Math.exp(-t * 11) + 0.25 * (random() * 2 - 1) * Math.exp(-t * 400)) * ending(0.32, t);
  });
}

export function snare(random: () => number): Float32Array {
  let low = 0;
  return Float32Array.from({ length: Math.round(0.26 * RATE_HZ) }, (_, i) => {
    const t = i / RATE_HZ;
    const white = random() * 2 - 1;
    low += 0.45 * (white - low);
    return (0.8 * (white - 0.6 * low) * Math.exp(-t * 19) + 0.6 * Math.sin(2 * Math.PI * 188 * t) * Math.exp(-t * 26)) * 0.8 * ending(0.26, t);
  });
}

export function hat(random: () => number, seconds: number): Float32Array {
  let before = 0;
  return Float32Array.from({ length: Math.round(seconds * RATE_HZ) }, (_, i) => {
    const white = random() * 2 - 1;
    const high = white - before;
    before = white;
    return high * Math.exp((-i / RATE_HZ) * (4.5 / seconds)) * 0.5 * ending(seconds, i / RATE_HZ);
  });
}
