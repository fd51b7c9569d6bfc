/** What the figures are drawn from: pieces composed by seed, and a tune that can be played at any pitch. */
import { pluck, stage, sustain } from '../../../wasm/build/instruments.ts';
import { Draw } from '../identify/draw.ts';
import { materialFor } from '../identify/material.ts';
import { RATE, type Stereo } from './sound.ts';

/** Composing takes longer than most of what is found out about a piece. */
const pieces = new Map<number, Stereo>();

/** A composed piece of 14 s. @throws Error for a seed that draws another rate than the figures' */
export function piece(seed: number): Stereo {
  const before = pieces.get(seed);
  if (before) return before;
  const { channels, sampleRate } = materialFor(seed, []);
  if (sampleRate !== RATE) throw new Error(`Seed ${seed} composes at ${sampleRate} Hz.`);
  pieces.set(seed, channels);
  return channels;
}

export const part = ([left, right]: Stereo, fromSeconds: number, toSeconds: number): Stereo => {
  const [from, to] = [Math.round(fromSeconds * RATE), Math.round(toSeconds * RATE)];
  return [left.slice(from, to), right.slice(from, to)];
};

export const halves = (sound: Stereo): [Stereo, Stereo] => {
  const seconds = sound[0].length / RATE;
  return [part(sound, 0, seconds / 2), part(sound, seconds / 2, seconds)];
};

const SCALE = [0, 2, 3, 5, 7, 8, 10, 12];

/** A held tune, alone or over plucked strings, `semitones` higher: the same score at every pitch. */
export function tune(seed: number, seconds: number, semitones: number, { isAlone = false, isReversed = false } = {}): Stereo {
  const draw = new Draw(seed);
  const notes: { readonly high: number; readonly low: number; readonly length: number }[] = [];
  for (let sum = 0; sum < seconds - 1.2; sum += notes.at(-1)!.length) notes.push({ high: 57 + draw.pick(SCALE), low: 45 + draw.pick(SCALE), length: draw.between(0.3, 0.8) });
  const voice = stage(seconds);
  let at = 0;
  for (const { high, low, length } of isReversed ? notes.toReversed() : notes) {
    voice.place(at, sustain(high + semitones, length - 0.03, 9), 0.25, 0.4);
    if (!isAlone) for (const [share, note] of [[0, low], [0.6, high]] as const) voice.place(at + share * length, pluck(note + semitones, 0.9, 0.8, () => draw.unit()), 0.4, 0.65);
    at += length;
  }
  return [voice.left, voice.right];
}
