/**
 * Plays a coded sound that is still on its way: its bytes go to the browser's own decoder as they come. Source: W3C Media Source
 * Extensions, and its MPEG Audio byte stream format, which makes the times itself; ManagedMediaSource is what phones by Apple have of it.
 */
import type { SpeechPlayback } from './speech-playback.ts';

type Maker = { new (): MediaSource; isTypeSupported(type: string): boolean };

export interface CodedParts {
  readonly maker: Maker | undefined;
  readonly createAudio: () => HTMLAudioElement;
}

const IN_BROWSER: CodedParts = {
  get maker() {
    const { ManagedMediaSource, MediaSource } = globalThis as { readonly ManagedMediaSource?: Maker; readonly MediaSource?: Maker };
    return MediaSource ?? ManagedMediaSource;
  },
  createAudio: () => new Audio(),
};

export const canStream = (contentType: string, { maker }: CodedParts = IN_BROWSER): boolean => maker?.isTypeSupported(contentType) ?? false;

/**
 * @param contentType  one that can be streamed
 * @param onEnd  all that was fed has been heard, and nothing more comes; also where the browser cannot go on
 */
export function createCodedPlayback(contentType: string, onEnd: () => void, { maker, createAudio }: CodedParts = IN_BROWSER): SpeechPlayback<Uint8Array<ArrayBuffer>> {
  const source = new maker!();
  const audio = createAudio();
  const url = URL.createObjectURL(source);
  const waiting: Uint8Array<ArrayBuffer>[] = [];
  let buffer: SourceBuffer | null = null;
  let [isEnded, isOver, isPaused] = [false, false, false];

  function close(): void {
    if (isOver) return;
    isOver = true;
    audio.pause();
    audio.removeAttribute('src');
    URL.revokeObjectURL(url);
  }
  const finish = (): void => {
    if (isOver) return;
    close();
    onEnd();
  };
  function goOn(): void {
    if (isOver || !buffer || buffer.updating || source.readyState !== 'open') return;
    const next = waiting.shift();
    try {
      if (next) buffer.appendBuffer(next);
      else if (isEnded) source.endOfStream();
    } catch {
      // No room for more, or a decoder that gave up: the kept result plays as every other does.
      finish();
    }
  }

  source.addEventListener('sourceopen', () => {
    if (isOver || buffer) return;
    buffer = source.addSourceBuffer(contentType);
    buffer.addEventListener('updateend', goOn);
    goOn();
  });
  audio.addEventListener('ended', finish);
  audio.addEventListener('error', finish);
  // Asked for by ManagedMediaSource; there is nothing to cast.
  audio.disableRemotePlayback = true;
  audio.src = url;
  const play = (): void => void audio.play().catch(() => undefined);
  play();

  return {
    feed(bytes) {
      waiting.push(bytes);
      goOn();
    },
    end() {
      isEnded = true;
      goOn();
    },
    pause() {
      isPaused = true;
      audio.pause();
    },
    resume() {
      if (isPaused && !isOver) play();
      isPaused = false;
    },
    stop: close,
    position: () => audio.currentTime,
  };
}
