/**
 * Composes the demo pair for "Try the demo": two different pieces, synthesised here from nothing. The target is a dry,
 * dull, narrow, quiet take; the reference a finished record (its mastering is the ffmpeg chain below).
 * Run by hand with ffmpeg installed: `npx tsx wasm/build/compose-demo.ts`. Writes web/public/demo/{reference,target}.opus.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hat, kick, pluck, RATE_HZ, seeded, snare, stage, sustain, type Voice } from './instruments.ts';

const OUT = fileURLToPath(new URL('../../web/public/demo', import.meta.url));

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
    ['-v', 'error', '-y', '-f', 'f32le', '-ar', String(RATE_HZ), '-ac', '2', '-i', '-', '-af', CHAINS[name], '-c:a', 'libopus', '-b:a', '160k', join(OUT, `${name}.opus`)],
    { input: Buffer.from(interleaved.buffer) },
  );
  if (status !== 0) throw new Error(`ffmpeg: ${stderr.toString()}`);
}

mkdirSync(OUT, { recursive: true });
encode('target', composeTarget());
encode('reference', composeReference());
