import { beforeAll, expect, test } from 'vitest';
import type { EngineBinary } from '../../../wasm/host/engine.ts';
import type { MeterReading } from '../../../web/audio/input/meter-messages.ts';
import { MeterVoice } from '../../../web/audio/input/meter-voice.ts';
import { engineBinary } from '../../support/engine.ts';

let engine: EngineBinary;
beforeAll(async () => {
  engine = await engineBinary();
});

const RATE = 48_000;
const sine = (seconds: number, amplitude: number, hz = 1000) => Float32Array.from({ length: Math.round(seconds * RATE) }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / RATE));

function measure(rows: readonly Float32Array[], fromFrame = 0, quantum = 128): MeterReading[] {
  const readings: MeterReading[] = [];
  const voice = new MeterVoice({ engine, channels: rows.length as 1 | 2 }, RATE, (reading) => readings.push(reading));
  for (let at = 0; at < rows[0]!.length; at += quantum) voice.process(fromFrame + at, rows.map((row) => row.subarray(at, at + quantum)));
  return readings;
}

test('a 1 kHz stereo sine at -23 dBFS reads -23.0 LUFS momentary (EBU Tech 3341, case 1)', () => {
  const row = sine(1, 10 ** (-23 / 20));
  expect(measure([row, row]).at(-1)!.momentaryLufs).toBeCloseTo(-23, 1);
});

test('momentary loudness is not known before 400 ms were heard, nor of silence', () => {
  const readings = measure([sine(1, 0.1)]);
  expect(readings.filter(({ contextFrame }) => contextFrame < 0.35 * RATE).every(({ momentaryLufs }) => momentaryLufs === null)).toBe(true);
  expect(readings.at(-1)!.momentaryLufs).not.toBeNull();
  expect(measure([new Float32Array(RATE)]).at(-1)).toMatchObject({ momentaryLufs: null, isDigitalSilence: true });
});

test('peaks are told per channel, and a column holds the lowest and highest of both', () => {
  const [left, right] = [sine(0.2, 0.5), sine(0.2, 0.25).map((x) => x + 0.1)];
  const [first] = measure([left, right]);
  expect(first!.peaks[0]).toBeCloseTo(0.5, 3);
  expect(first!.peaks[1]).toBeCloseTo(0.35, 3);
  expect(first!.max[0]).toBeCloseTo(0.5, 3);
  expect(first!.min[0]).toBeCloseTo(-0.5, 3);
  expect(first!.isDigitalSilence).toBe(false);
});

test('frames at full scale are counted once, whichever channels clip', () => {
  const rows = [new Float32Array(1920).fill(0.5), new Float32Array(1920).fill(0.5)];
  for (const frame of [3, 700, 701]) rows[0]![frame] = 1;
  rows[1]![3] = -1;
  expect(measure(rows)[0]!.clippedFrames).toBe(3);
});

test('readings follow one another on the clock of the context, whatever the length of a call', () => {
  for (const quantum of [128, 100, 1024]) {
    expect(measure([sine(0.2, 0.1)], 9600, quantum).map(({ contextFrame }) => contextFrame)).toEqual([9600, 11520, 13440, 15360, 17280]);
  }
});
