/** A live chain on the audio thread, as its page sees it. One node serves one run of playing. */
import type { Style } from '../../../shared/style.ts';
import type { LiveSound } from '../../../wasm/rendering/live-chain.ts';
import { LIVE_PROCESSOR, type LiveNews, type LiveOptions, type LiveOrder } from './messages.ts';
import processorUrl from './live.worklet.ts?worker&url';

export interface LiveNode {
  readonly output: AudioNode;
  /** Pieces of the recording, in order and without gaps, at the context's rate. */
  feed(frame: number, rows: readonly Float32Array[]): void;
  start(fromFrame: number, contextFrame: number): void;
  set(sound: LiveSound): void;
  end(): void;
}

/** Has to be done once per context. */
export const loadLiveProcessor = (context: BaseAudioContext): Promise<void> => context.audioWorklet.addModule(processorUrl);

export interface LiveEvents {
  /** From now on the sound asked for comes out. */
  readonly onReady: () => void;
  readonly onMissing?: (frames: number) => void;
}

/** @param context one whose processor is loaded */
export function createLiveNode(context: BaseAudioContext, options: LiveOptions, { onReady, onMissing }: LiveEvents): LiveNode {
  const node = new AudioWorkletNode(context, LIVE_PROCESSOR, { numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [2], processorOptions: options });
  const tell = (order: LiveOrder) => node.port.postMessage(order);
  let sent: Style['irs'] | null = null;
  node.port.onmessage = ({ data }: MessageEvent<LiveNews>) => {
    if (data.type === 'ready') onReady();
    else onMissing?.(data.frames);
  };
  return {
    output: node,
    feed: (frame, rows) => tell({ type: 'tape', frame, rows }),
    start: (fromFrame, contextFrame) => tell({ type: 'run', fromFrame, contextFrame }),
    set({ style, settings }) {
      const { irs, ...rest } = style;
      if (irs !== sent) tell({ type: 'responses', irs });
      sent = irs;
      tell({ type: 'sound', style: rest, settings });
    },
    end() {
      tell({ type: 'end' });
      node.port.onmessage = null;
      node.disconnect();
    },
  };
}
