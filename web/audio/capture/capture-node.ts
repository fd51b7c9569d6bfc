/** The capture processor as its page sees it: frames of an input, on their way to a port, until it is stopped. One per segment. */
import processorUrl from './capture.worklet.ts?worker&url';
import { CAPTURE_PROCESSOR, type CaptureOptions, type CaptureOrder } from './messages.ts';

export interface CaptureSource {
  readonly context: BaseAudioContext;
  readonly source: AudioNode;
  readonly channels: 1 | 2;
}

export interface Capture {
  /** The last frames and 'end' go out, then nothing. */
  stop(): void;
}

const loaded = new WeakMap<BaseAudioContext, Promise<void>>();

/** Done before it is needed, the first frame is not kept waiting. */
export function loadCaptureProcessor(context: BaseAudioContext): Promise<void> {
  const known = loaded.get(context) ?? context.audioWorklet.addModule(processorUrl);
  loaded.set(context, known);
  return known;
}

/** @param port of the journal worker; frames go there without passing the page */
export async function startCapture({ context, source, channels }: CaptureSource, port: MessagePort): Promise<Capture> {
  await loadCaptureProcessor(context);
  const processorOptions: CaptureOptions = { channels };
  const node = new AudioWorkletNode(context, CAPTURE_PROCESSOR, {
    numberOfInputs: 1, numberOfOutputs: 0, channelCount: channels, channelCountMode: 'explicit', channelInterpretation: 'discrete', processorOptions,
  });
  const tell = (order: CaptureOrder, transfer: Transferable[] = []): void => node.port.postMessage(order, transfer);
  tell({ type: 'start', port }, [port]);
  source.connect(node);
  return {
    stop() {
      tell({ type: 'stop' });
      source.disconnect(node);
    },
  };
}
