import { expect, test } from 'vitest';
import { createSpeechPlayback } from '../../../web/audio/speech-playback.ts';

const RATE = 1000;

/** A context whose clock is moved by hand; remembers what was to be heard when. */
function fakeContext() {
  const heard: { at: number; frames: Float32Array; source: { onended: (() => void) | null } }[] = [];
  const done = new Set<unknown>();
  const state = { currentTime: 0, isClosed: false, isSuspended: false };
  const context = {
    sampleRate: RATE, destination: {}, get currentTime() { return state.currentTime; },
    createBuffer: () => {
      const buffer = { frames: new Float32Array(0) as Float32Array, copyToChannel: (frames: Float32Array) => (buffer.frames = frames) };
      return buffer;
    },
    createBufferSource: () => {
      const source = { buffer: null as unknown, onended: null as (() => void) | null, connect: () => undefined, disconnect: () => undefined, start: (at: number) => heard.push({ at: Math.round(at * RATE), frames: (source.buffer as { frames: Float32Array }).frames, source }) };
      return source;
    },
    suspend: async () => void (state.isSuspended = true), resume: async () => void (state.isSuspended = false), close: async () => void (state.isClosed = true),
  };
  const moveTo = (seconds: number): void => {
    state.currentTime = seconds;
    for (const entry of heard) {
      if (done.has(entry) || entry.at + entry.frames.length > seconds * RATE) continue;
      done.add(entry);
      entry.source.onended?.();
    }
  };
  return { context: context as never, heard, state, moveTo };
}
const ramp = (length: number, from: number): Float32Array<ArrayBuffer> => Float32Array.from({ length }, (_, i) => from + i);

test('pieces are heard one after another without a hole, from when enough is there', () => {
  const { context, heard } = fakeContext();
  const playback = createSpeechPlayback(context, () => undefined);
  playback.feed(ramp(200, 0));
  expect(heard).toEqual([]);
  playback.feed(ramp(150, 200));
  playback.feed(ramp(77, 350));
  expect(heard.map(({ at, frames }) => [at, frames[0], frames.length])).toEqual([[50, 0, 200], [250, 200, 150], [400, 350, 77]]);
});

test('after a hole it waits until there is enough, and nothing is left out', () => {
  const { context, heard, moveTo } = fakeContext();
  const playback = createSpeechPlayback(context, () => undefined);
  playback.feed(ramp(400, 0));
  moveTo(2);
  expect(playback.position()).toBe(0.4);
  playback.feed(ramp(100, 400));
  expect(heard.length).toBe(1);
  playback.feed(ramp(250, 500));
  expect(heard.slice(1).map(({ at, frames }) => [at, frames[0]])).toEqual([[2050, 400], [2150, 500]]);
  moveTo(2.15);
  expect(playback.position()).toBeCloseTo(0.5, 6);
});

test('a short sound is heard once it is whole, and its end is told when it was heard', () => {
  const { context, heard, state, moveTo } = fakeContext();
  let ends = 0;
  const playback = createSpeechPlayback(context, () => (ends += 1));
  playback.feed(ramp(100, 0));
  playback.end();
  expect(heard.length).toBe(1);
  expect(ends).toBe(0);
  moveTo(1);
  expect([ends, state.isClosed]).toEqual([1, true]);
  const { context: empty } = fakeContext();
  createSpeechPlayback(empty, () => (ends += 1)).end();
  expect(ends).toBe(2);
});

test('once stopped it is silent and tells nothing more', () => {
  const { context, heard, state, moveTo } = fakeContext();
  let ends = 0;
  const playback = createSpeechPlayback(context, () => (ends += 1));
  playback.feed(ramp(400, 0));
  playback.stop();
  playback.feed(ramp(400, 400));
  playback.end();
  moveTo(5);
  expect([heard.length, ends, state.isClosed]).toEqual([1, 0, true]);
});
