/**
 * Plays sound that is still on its way: pieces are scheduled back to back on the context's own clock. The context runs at the rate of
 * the sound, so that no piece is resampled by itself and neighbours meet exactly (Web Audio API, 1.9: playback of a buffer at an
 * exact frame is a copy). Where the next piece comes too late, it waits until there is enough to go on with.
 */
export interface SpeechPlayback<Piece = Float32Array<ArrayBuffer>> {
  /** @param piece  what follows: frames, full scale ±1 */
  feed(piece: Piece): void;
  /** Nothing more comes. */
  end(): void;
  pause(): void;
  resume(): void;
  /** At once, for good. */
  stop(): void;
  /** s heard */
  position(): number;
}

/** s that are there before it begins, or goes on after a hole: more than a slow network's longest breath. */
const LEAD_SECONDS = 0.3;
/** s between asking and the first frame that can still be reached. */
const REACH_SECONDS = 0.05;

type Context = Pick<AudioContext, 'sampleRate' | 'currentTime' | 'createBuffer' | 'createBufferSource' | 'suspend' | 'resume' | 'close' | 'destination'>;

/** @param onEnd  all that was fed has been heard, and nothing more comes */
export function createSpeechPlayback(context: Context, onEnd: () => void): SpeechPlayback {
  const { sampleRate } = context;
  const waiting: Float32Array<ArrayBuffer>[] = [];
  /** Runs without a hole: heard from `frame` on when the context is at `contextFrame`. */
  let run = { frame: 0, contextFrame: 0, length: 0 };
  let [isEnded, isOver, playing] = [false, false, 0];
  const sources = new Set<AudioBufferSourceNode>();
  const now = (): number => Math.round(context.currentTime * sampleRate);
  const isRunning = (): boolean => run.length > 0 && run.contextFrame + run.length > now() + REACH_SECONDS * sampleRate / 2;

  function close(): void {
    if (isOver) return;
    isOver = true;
    void context.close().catch(() => undefined);
  }
  function finish(): void {
    if (isOver || !isEnded || playing > 0 || waiting.length > 0) return;
    close();
    onEnd();
  }
  function schedule(frames: Float32Array<ArrayBuffer>): void {
    const buffer = context.createBuffer(1, frames.length, sampleRate);
    buffer.copyToChannel(frames, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.onended = () => {
      sources.delete(source);
      source.disconnect();
      playing -= 1;
      finish();
    };
    sources.add(source);
    playing += 1;
    source.start((run.contextFrame + run.length) / sampleRate);
    run = { ...run, length: run.length + frames.length };
  }
  function goOn(): void {
    if (isOver || waiting.length === 0) return;
    if (!isRunning()) {
      const there = waiting.reduce((sum, { length }) => sum + length, 0);
      if (!isEnded && there < LEAD_SECONDS * sampleRate) return;
      run = { frame: run.frame + run.length, contextFrame: now() + Math.round(REACH_SECONDS * sampleRate), length: 0 };
    }
    for (const frames of waiting.splice(0)) schedule(frames);
  }

  return {
    feed(frames) {
      if (isOver || frames.length === 0) return;
      waiting.push(frames);
      goOn();
    },
    end() {
      isEnded = true;
      goOn();
      finish();
    },
    pause: () => void (isOver || context.suspend().catch(() => undefined)),
    resume: () => void (isOver || context.resume().catch(() => undefined)),
    stop() {
      for (const source of sources) source.onended = null;
      close();
    },
    position: () => (run.frame + Math.min(run.length, Math.max(0, now() - run.contextFrame))) / sampleRate,
  };
}
