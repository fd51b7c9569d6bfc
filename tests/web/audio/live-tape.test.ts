import { expect, test } from 'vitest';
import { Tape } from '../../../web/audio/live/tape.ts';

const ramp = (from: number, length: number): Float32Array => Float32Array.from({ length }, (_, i) => from + i);
const read = (tape: Tape, frame: number, length: number) => {
  const rows: [Float32Array, Float32Array] = [new Float32Array(length).fill(-1), new Float32Array(length).fill(-1)];
  return { isThere: tape.read(frame, ...rows), left: [...rows[0]], right: [...rows[1]] };
};

test('pieces are read as one row, silence lies before and after the recording', () => {
  const tape = new Tape(2, 10, 100);
  tape.add(0, [ramp(1, 6), ramp(101, 6)]);
  tape.add(6, [ramp(7, 6), ramp(107, 6)]);
  expect(read(tape, 4, 4)).toEqual({ isThere: true, left: [5, 6, 7, 8], right: [105, 106, 107, 108] });
  expect(read(tape, -2, 4)).toEqual({ isThere: true, left: [0, 0, 1, 2], right: [0, 0, 101, 102] });
  expect(read(tape, 8, 4)).toEqual({ isThere: true, left: [9, 10, 0, 0], right: [109, 110, 0, 0] });
});

test('what has not arrived is silence, and said', () => {
  const tape = new Tape(1, 100, 100);
  tape.add(0, [ramp(1, 4)]);
  expect(read(tape, 2, 4)).toEqual({ isThere: false, left: [3, 4, 0, 0], right: [3, 4, 0, 0] });
});

test('what lies far behind is let go, the rest stays', () => {
  const tape = new Tape(1, 100, 5);
  for (let frame = 0; frame < 40; frame += 10) tape.add(frame, [ramp(frame, 10)]);
  tape.forget(26);
  expect(tape.oldestFrame).toBe(20);
  expect(read(tape, 20, 2)).toMatchObject({ isThere: true, left: [20, 21] });
});

test('samples that are not numbers become silence', () => {
  const tape = new Tape(1, 3, 5);
  tape.add(0, [Float32Array.of(1, NaN, Infinity)]);
  expect(read(tape, 0, 3).left).toEqual([1, 0, 0]);
});
