import { expect, test } from 'vitest';
import { canStream, createCodedPlayback } from '../../../web/audio/coded-playback.ts';

/** A browser's media parts in memory: takes one piece at a time, as they do. */
function fakeMedia() {
  const taken: number[] = [];
  const state = { isEnded: false, isFull: false, isPlaying: false };
  const buffer = Object.assign(new EventTarget(), {
    updating: false,
    appendBuffer(bytes: Uint8Array) {
      if (buffer.updating) throw new Error('busy');
      if (state.isFull) throw new DOMException('full', 'QuotaExceededError');
      buffer.updating = true;
      taken.push(...bytes);
    },
  });
  class Source extends EventTarget {
    static readonly isTypeSupported = (type: string) => type === 'audio/mpeg';
    static last: Source;
    readyState = 'closed';
    constructor() {
      super();
      Source.last = this;
    }
    addSourceBuffer = () => buffer;
    endOfStream(): void {
      this.readyState = 'ended';
      state.isEnded = true;
    }
  }
  const audio = Object.assign(new EventTarget(), { src: '', currentTime: 0, pause: () => void (state.isPlaying = false), play: async () => void (state.isPlaying = true), removeAttribute: () => undefined });
  const parts = { maker: Source as never, createAudio: () => audio as never };
  const open = () => {
    Source.last.readyState = 'open';
    Source.last.dispatchEvent(new Event('sourceopen'));
  };
  const digest = () => {
    buffer.updating = false;
    buffer.dispatchEvent(new Event('updateend'));
  };
  return { parts, taken, state, audio, open, digest };
}
// What the browser makes addresses of is no file here.
URL.createObjectURL = () => 'blob:here';
const piece = (...bytes: number[]) => Uint8Array.from(bytes);

test('bytes go to the decoder in order, one piece at a time, and the end is told after the last', () => {
  const { parts, taken, state, audio, open, digest } = fakeMedia();
  let ends = 0;
  const playback = createCodedPlayback('audio/mpeg', () => (ends += 1), parts);
  playback.feed(piece(1, 2));
  playback.feed(piece(3));
  open();
  expect(taken).toEqual([1, 2]);
  digest();
  playback.feed(piece(4));
  playback.end();
  expect([taken, state.isEnded]).toEqual([[1, 2, 3], false]);
  digest();
  digest();
  expect([taken, state.isEnded, ends]).toEqual([[1, 2, 3, 4], true, 0]);
  audio.dispatchEvent(new Event('ended'));
  audio.dispatchEvent(new Event('ended'));
  expect(ends).toBe(1);
});

test('where the browser cannot go on it ends, once; stopped, it tells nothing', () => {
  const { parts, state, open, digest } = fakeMedia();
  let ends = 0;
  const playback = createCodedPlayback('audio/mpeg', () => (ends += 1), parts);
  open();
  playback.feed(piece(1));
  state.isFull = true;
  playback.feed(piece(2));
  digest();
  playback.feed(piece(3));
  expect(ends).toBe(1);
  const other = fakeMedia();
  const stopped = createCodedPlayback('audio/mpeg', () => (ends += 1), other.parts);
  other.open();
  stopped.stop();
  stopped.feed(piece(1));
  other.audio.dispatchEvent(new Event('error'));
  expect([ends, other.taken, other.state.isPlaying]).toEqual([1, [], false]);
});

test('what a browser cannot stream is said', () => {
  const { parts } = fakeMedia();
  expect([canStream('audio/mpeg', parts), canStream('audio/flac', parts), canStream('audio/mpeg', { ...parts, maker: undefined })]).toEqual([true, false, false]);
});
