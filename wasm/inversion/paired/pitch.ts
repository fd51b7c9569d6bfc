/** A pitch shift between the recordings, and what can still be told behind one. */
import { clampTo } from '../../../shared/params/effect.ts';
import { pitchShift, type PitchShiftValues } from '../../../shared/params/pitch-shift.ts';
import type { Module } from '../../../shared/style.ts';
import type { Engine } from '../../host/engine.ts';
import type { Stereo } from './excerpts.ts';
import { type Curve, curveGrid, type LinearPart, midOf, sideOf } from './linear-part.ts';
import { estimated } from './modules.ts';
import { transferFunction } from './transfer-function.ts';

const SIZE = 4096;
/** Half the width in octaves over which powers are averaged: single notes must not show. */
const SMOOTH_OCTAVES = 1 / 6;
/** How well a ratio of averaged powers is known. */
const LEVEL_DB = 0.5;
/** The interval is found within this on steady pitches. */
const KNOWN_SEMITONES = 0.03;

export function pitchModule(interval: number): Module<PitchShiftValues> {
  const semitones = clampTo(pitchShift.parameters.semitones, interval);
  return estimated({ semitones }, semitones === interval ? 0.9 : 0.3, { code: 'pitch/paired', args: { cents: Math.round(100 * interval) } }, {
    semitones: [clampTo(pitchShift.parameters.semitones, semitones - KNOWN_SEMITONES), clampTo(pitchShift.parameters.semitones, semitones + KNOWN_SEMITONES)],
  });
}

/** Ratio of the long-term powers, mid and side, smoothed: what an equalizer does where waveforms cannot be compared. */
export function levelCurves(engine: Engine, before: readonly Stereo[], after: readonly Stereo[], sampleRate: number): Pick<LinearPart, 'mid' | 'side'> {
  const hz = curveGrid(sampleRate);
  const powersOf = (signals: readonly Float32Array[]): Float64Array => {
    const total = new Float64Array(SIZE / 2 + 1);
    for (const signal of signals) transferFunction(engine, signal, signal, SIZE).inputPower.forEach((p, k) => (total[k]! += p));
    return total;
  };
  const curve = (inputs: readonly Float32Array[], outputs: readonly Float32Array[]): Curve => {
    const [own, other] = [powersOf(inputs), powersOf(outputs)];
    const faint = 1e-7 * own.reduce((most, p, k) => Math.max(most, p * k), 0);
    const db = new Float64Array(hz.length);
    const weight = new Float64Array(hz.length);
    hz.forEach((f, i) => {
      const from = Math.max(1, Math.floor((f * 2 ** -SMOOTH_OCTAVES * SIZE) / sampleRate));
      const until = Math.min(own.length - 1, Math.ceil((f * 2 ** SMOOTH_OCTAVES * SIZE) / sampleRate));
      let [x, y] = [1e-20, 1e-20];
      for (let k = from; k <= until; k += 1) {
        x += own[k]! * k;
        y += other[k]! * k;
      }
      db[i] = 10 * Math.log10(y / x);
      const content = x / (until - from + 1);
      weight[i] = (content / (content + faint)) / LEVEL_DB ** 2;
    });
    return { hz, db, weight };
  };
  const sides = before.map(sideOf);
  const energy = (rows: readonly Float32Array[]) => rows.reduce((sum, row) => sum + row.reduce((s, x) => s + x * x, 0), 0);
  const isMono = energy(sides) < 1e-7 * energy(before.map(midOf));
  return { mid: curve(before.map(midOf), after.map(midOf)), side: isMono ? null : curve(sides, after.map(sideOf)) };
}
