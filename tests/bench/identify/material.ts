/** What is played into the chains: music composed here by seed, and excerpts of recordings a person points at. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hat, kick, pluck, RATE_HZ, snare, stage, sustain } from '../../../wasm/build/instruments.ts';
import { Draw } from './draw.ts';
import { atRate, decoded, secondsOf, type Stereo } from './processors.ts';

export interface Material {
  readonly about: string;
  readonly channels: Stereo;
  readonly sampleRate: number;
}

export const SECONDS = 14;
const STYLES = ['song', 'band', 'drums', 'strings', 'duo'] as const;
const MINOR = [0, 2, 3, 5, 7, 8, 10];
const MAJOR = [0, 2, 4, 5, 7, 9, 11];

/** A short piece: key, tempo, chords, playing and places in the room drawn by seed. */
function composed(draw: Draw): { about: string; channels: Stereo } {
  const style = draw.pick(STYLES);
  const piece = stage(SECONDS);
  const random = () => draw.unit();
  const beat = 60 / draw.between(72, 138);
  const scale = draw.pick([MINOR, MAJOR]);
  const key = draw.whole(31, 42);
  const note = (degree: number, octave: number) => key + 12 * octave + scale[((degree % 7) + 7) % 7]! + 12 * Math.floor(degree / 7);
  const chords = Array.from({ length: 4 }, () => draw.pick([0, 2, 3, 4, 5]));
  const bars = Math.ceil(SECONDS / (4 * beat));
  const quiet = draw.between(0.25, 0.7);
  const has = { kit: style !== 'strings' && style !== 'duo', plucked: style !== 'drums' && style !== 'strings', held: style === 'strings' || style === 'band' || draw.chance(0.3) };
  for (let bar = 0; bar < bars; bar += 1) {
    const root = chords[bar % 4]!;
    const at = (beats: number) => (bar * 4 + beats) * beat + (random() - 0.5) * 0.01;
    // Two bars quiet, two bars loud: a level that moves shows what a compressor does.
    const level = Math.floor(bar / 2) % 2 === 0 ? quiet : 1;
    if (has.plucked) {
      for (let step = 0; step < 8; step += 1) {
        for (const degree of style === 'band' ? [0, 4, 7] : [draw.pick([0, 2, 4, 7])]) {
          piece.place(at(step / 2), pluck(note(root + degree, 2), draw.between(0.6, 1.9), draw.between(0.3, 1), random), level * draw.between(0.15, 0.35), draw.between(0.15, 0.85));
        }
      }
    }
    if (style !== 'drums') for (const half of [0, 2.5]) piece.place(at(half), pluck(note(root, 0), 1, 0.3, random), 0.5 * level, 0.5);
    if (has.kit) {
      for (const beats of draw.pick([[0, 2], [0, 1.5, 2.5], [0, 2, 3.5]])) piece.place(at(beats), kick(random), level * draw.between(0.5, 0.9), 0.5);
      for (const beats of [1, 3]) piece.place(at(beats), snare(random), level * draw.between(0.3, 0.6), 0.47);
      for (let step = 0; step < 8; step += 1) piece.place(at(step / 2), hat(random, step % 4 === 3 ? 0.2 : 0.07), level * draw.between(0.06, 0.15), 0.68);
    }
    if (has.held) {
      for (const [degree, pan] of [[0, 0.15], [2, 0.85], [4, 0.3], [7, 0.7]] as const) piece.place(at(0), sustain(note(root + degree, 2), 4 * beat, draw.whole(8, 16)), 0.12 * level, pan);
    }
    if (draw.chance(0.7)) piece.place(at(draw.pick([0, 1, 2])), sustain(note(root + draw.pick([0, 2, 4, 6]), 3), draw.between(1, 3) * beat, 11), 0.2 * level, 0.5);
  }
  return { about: style, channels: [piece.left, piece.right] };
}

/** Recordings under folders, sorted, so that a seed finds the same one again. */
export function recordingsIn(folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && /\.(wav|flac|ogg|opus|mp3|m4a)$/i.test(entry.name)).map((entry) => join(entry.parentPath, entry.name)))
    .sort();
}

const HEADROOM = 0.5;

/** At a level between a rough mix and a quiet master, never near full scale. */
function levelled([left, right]: Stereo, draw: Draw): Stereo {
  let [sum, peak] = [0, 1e-9];
  for (const channel of [left, right]) {
    for (const x of channel) {
      sum += x * x;
      peak = Math.max(peak, Math.abs(x));
    }
  }
  const rms = Math.sqrt(sum / (2 * left.length)) + 1e-9;
  const gain = Math.min(10 ** (draw.between(-24, -17) / 20) / rms, HEADROOM / peak);
  return [left.map((x) => x * gain), right.map((x) => x * gain)];
}

/** @param recordings files to take excerpts of; every second piece is composed where there are some */
export function materialFor(seed: number, recordings: readonly string[]): Material {
  const draw = new Draw(seed);
  const sampleRate = draw.pick([44_100, 48_000]);
  if (recordings.length > 0 && seed % 2 === 1) {
    const file = draw.pick(recordings);
    const length = secondsOf(file);
    if (length > SECONDS + 4) {
      const channels = decoded(file, draw.between(1, length - SECONDS - 2), SECONDS, sampleRate);
      return { about: basename(file), channels: levelled(channels, draw), sampleRate };
    }
  }
  const { about, channels } = composed(draw);
  return { about: `composed ${about}`, channels: levelled(atRate(channels, RATE_HZ, sampleRate), draw), sampleRate };
}

/** A composed piece at the rate it is played at. */
export function composedPiece(seed: number): Material {
  const draw = new Draw(seed);
  const { about, channels } = composed(draw);
  return { about: `composed ${about} ${seed}`, channels: levelled(channels, draw), sampleRate: RATE_HZ };
}
