/**
 * Composes the demo pair for "Try the demo": two different pieces, synthesised here from nothing. The target is a dry,
 * dull, narrow, quiet take; the reference a finished record (its mastering is the ffmpeg chain below).
 * Run by hand with ffmpeg installed: `npx tsx wasm/build/compose-demo.ts`. Writes web/public/demo/{reference,target}.opus.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OUT = fileURLToPath(new URL('../../web/public/demo', import.meta.url));
const RATE = 48_000;

const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
};

const midiHz = (note: number): number => 440 * 2 ** ((note - 69) / 12);

interface Voice {
  readonly left: Float32Array;
  readonly right: Float32Array;
  /** Equal-power position, 0 left to 1 right. */
  place(atSeconds: number, samples: Float32Array, level: number, pan: number): void;
}

function stage(seconds: number): Voice {
  const frames = Math.round(seconds * RATE);
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  return {
    left,
    right,
    place(atSeconds, samples, level, pan) {
      const start = Math.round(atSeconds * RATE);
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
function pluck(note: number, seconds: number, brightness: number, random: () => number): Float32Array {
  const period = RATE / midiHz(note) - 0.5;
  const delay = Math.floor(period);
  const fraction = period - delay;
  const line = Float32Array.from({ length: delay }, () => random() * 2 - 1);
  for (let pass = 0; pass < 3 - 2 * brightness; pass += 1) {
    for (let i = 1; i < delay; i += 1) line[i] = 0.5 * line[i]! + 0.5 * line[i - 1]!;
  }
  const loss = 0.5 ** (1 / (midiHz(note) * seconds * 0.35));
  let last = 0;
  return Float32Array.from({ length: Math.round(seconds * RATE) }, (_, i) => {
    const at = i % delay;
    const out = line[at]!;
    const next = line[(at + 1) % delay]!;
    line[at] = loss * ((1 - fraction) * (0.5 * out + 0.5 * last) + fraction * (0.5 * out + 0.5 * next));
    last = out;
    return out * Math.min(1, (seconds * RATE - i) / 800);
  });
}

/** Bowed or blown tone: harmonics with vibrato and a slow attack. */
function sustain(note: number, seconds: number, harmonics: number): Float32Array {
  let phase = 0;
  return Float32Array.from({ length: Math.round(seconds * RATE) }, (_, i) => {
    const t = i / RATE;
    phase += (2 * Math.PI * midiHz(note) * (1 + 0.004 * Math.sin(2 * Math.PI * 5.1 * t) * Math.min(1, t * 2))) / RATE;
    let sum = 0;
    for (let h = 1; h <= harmonics; h += 1) sum += Math.sin(h * phase) / h ** 1.4;
    return sum * Math.min(1, t / 0.09) * Math.min(1, (seconds - t) / 0.12) * 0.4;
  });
}

function kick(random: () => number): Float32Array {
  let phase = 0;
  return Float32Array.from({ length: Math.round(0.32 * RATE) }, (_, i) => {
    const t = i / RATE;
    phase += (2 * Math.PI * (48 + 130 * Math.exp(-t * 38))) / RATE;
    return Math.sin(phase) * Math.exp(-t * 11) + 0.25 * (random() * 2 - 1) * Math.exp(-t * 400);
  });
}

function snare(random: () => number): Float32Array {
  let low = 0;
  return Float32Array.from({ length: Math.round(0.26 * RATE) }, (_, i) => {
    const t = i / RATE;
    const white = random() * 2 - 1;
    low += 0.45 * (white - low);
    return (0.8 * (white - 0.6 * low) * Math.exp(-t * 19) + 0.6 * Math.sin(2 * Math.PI * 188 * t) * Math.exp(-t * 26)) * 0.8;
  });
}

function hat(random: () => number, seconds: number): Float32Array {
  let before = 0;
  return Float32Array.from({ length: Math.round(seconds * RATE) }, (_, i) => {
    const white = random() * 2 - 1;
    const high = white - before;
    before = white;
    return high * Math.exp((-i / RATE) * (4.5 / seconds)) * 0.5;
  });
}

/** Fingerpicked song in A minor, 84 bpm: guitar, bass, brushed kit, one melody line. */
function composeTarget(): Voice {
  const random = seeded(7);
  const song = stage(13.2);
  const beat = 60 / 84;
  const chords = [[45, 57, 60, 64, 69], [41, 53, 57, 60, 65], [48, 55, 60, 64, 67], [43, 55, 59, 62, 67]];
  for (let bar = 0; bar < 4; bar += 1) {
    const chord = chords[bar]!;
    for (let step = 0; step < 8; step += 1) {
      const at = (bar * 4 + step / 2) * beat + (random() - 0.5) * 0.012;
      const string = [1, 3, 2, 4, 3, 2, 4, 2][step]!;
      song.place(at, pluck(chord[string]!, 1.9, 0.35, random), 0.3 + 0.12 * random() + bar * 0.02, 0.28 + 0.4 * (step % 2));
    }
    for (const half of [0, 2.5]) song.place((bar * 4 + half) * beat, pluck(chord[0]! - (half ? 5 : 0), 1.2, 0, random), 0.5, 0.5);
    for (const at of [0, 2]) song.place((bar * 4 + at) * beat, kick(random), 0.3, 0.5);
    for (const at of [1, 3]) song.place((bar * 4 + at) * beat, snare(random), 0.12 + 0.05 * random(), 0.52);
    for (let step = 0; step < 8; step += 1) song.place((bar * 4 + step / 2) * beat, hat(random, 0.06), 0.03 + 0.02 * random(), 0.55);
  }
  const melody: readonly (readonly [number, number, number])[] = [
    [1, 76, 1.5], [2.5, 74, 0.5], [3, 72, 1], [4, 69, 2.5], [7, 71, 1], [8, 72, 1.5], [9.5, 74, 0.5], [10, 76, 1.8], [12, 74, 1], [13, 71, 2.6],
  ];
  for (const [at, note, beats] of melody) song.place(at * beat, sustain(note - 12, beats * beat, 9), 0.15, 0.5);
  return song;
}

/** A band in D, 108 bpm: kit, bass, doubled guitars left and right, pad, lead. */
function composeReference(): Voice {
  const random = seeded(21);
  const song = stage(13.4);
  const beat = 60 / 108;
  const roots = [38, 33, 35, 31, 38, 33];
  for (let bar = 0; bar < 6; bar += 1) {
    const root = roots[bar]!;
    const third = [35, 40].includes(root) ? 3 : 4;
    for (let step = 0; step < 8; step += 1) {
      const at = (bar * 4 + step / 2) * beat;
      song.place(at, pluck(root, 0.5, 0.5, random), 0.55, 0.5);
      for (const [pan, lag] of [[0.06, 0.004], [0.94, 0.013]] as const) {
        for (const interval of [12, 19, 24, 24 + third]) {
          song.place(at + lag, pluck(root + interval + (random() - 0.5) * 0.06, 0.7, 1, random), 0.14 + 0.04 * random(), pan);
        }
      }
      song.place(at, hat(random, step % 4 === 3 ? 0.25 : 0.07), 0.13, 0.7);
    }
    for (const at of [0, 1.5, 2.5]) song.place((bar * 4 + at) * beat, kick(random), 0.85, 0.5);
    for (const at of [1, 3]) song.place((bar * 4 + at) * beat, snare(random), 0.55, 0.48);
    for (const [interval, pan] of [[24, 0.1], [24 + third, 0.9], [31, 0.25], [36, 0.75]] as const) {
      song.place(bar * 4 * beat, sustain(root + interval, 4 * beat, 14), 0.09, pan);
    }
  }
  const lead: readonly (readonly [number, number, number])[] = [
    [0, 78, 1.5], [1.5, 76, 0.5], [2, 74, 1.8], [4, 73, 1], [5, 76, 2.7], [8, 74, 1.5], [9.5, 73, 0.5], [10, 71, 1.8], [12, 71, 1], [13, 74, 2.8],
    [16, 78, 1.5], [17.5, 81, 0.5], [18, 78, 1.8], [20, 76, 3.6],
  ];
  for (const [at, note, beats] of lead) song.place(at * beat, sustain(note, beats * beat, 12), 0.2, 0.5);
  return song;
}

/** The recording chains: what makes the one a rough take and the other a record. */
const CHAINS = {
  target: 'lowpass=f=7800:p=2,equalizer=f=330:t=q:w=0.8:g=4,stereotools=slev=0.55,volume=-11dB',
  reference:
    'highpass=f=32:p=2,lowshelf=f=95:t=q:w=0.8:g=2.5,equalizer=f=310:t=q:w=0.9:g=-2.5,highshelf=f=7500:t=q:w=0.7:g=4,' +
    'aecho=0.9:0.35:31|47|71|103:0.22|0.18|0.13|0.09,stereotools=slev=1.25,' +
    'acompressor=threshold=-20dB:ratio=2.6:attack=18:release=140:makeup=2.2,volume=9.5dB,alimiter=limit=0.8:attack=3:release=60',
} as const;

function encode(name: keyof typeof CHAINS, { left, right }: Voice): void {
  const interleaved = new Float32Array(left.length * 2);
  let peak = 0;
  for (let i = 0; i < left.length; i += 1) peak = Math.max(peak, Math.abs(left[i]!), Math.abs(right[i]!));
  for (let i = 0; i < left.length; i += 1) {
    interleaved[2 * i] = (left[i]! / peak) * 0.7;
    interleaved[2 * i + 1] = (right[i]! / peak) * 0.7;
  }
  const { status, stderr } = spawnSync(
    'ffmpeg',
    ['-v', 'error', '-y', '-f', 'f32le', '-ar', String(RATE), '-ac', '2', '-i', '-', '-af', CHAINS[name], '-c:a', 'libopus', '-b:a', '160k', join(OUT, `${name}.opus`)],
    { input: Buffer.from(interleaved.buffer) },
  );
  if (status !== 0) throw new Error(`ffmpeg: ${stderr.toString()}`);
}

mkdirSync(OUT, { recursive: true });
encode('target', composeTarget());
encode('reference', composeReference());
