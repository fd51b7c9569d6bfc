/** A stretch of what a node gives, exact to the frame of the context's clock. */
import { disconnect } from './disconnect.ts';
import { SNIP_PROCESSOR, type SnipOptions } from './snip-messages.ts';
import processorUrl from './snip.worklet.ts?worker&url';

const loaded = new WeakSet<BaseAudioContext>();

/** Has to be done once per context, ahead of `snip`. */
export async function loadSnip(context: BaseAudioContext): Promise<void> {
  if (!loaded.has(context)) await context.audioWorklet.addModule(processorUrl);
  loaded.add(context);
}

/**
 * @param options  a stretch that is still to come
 * @returns mono frames of the first channel; rejects with the signal's reason
 */
export function snip(context: BaseAudioContext, source: AudioNode, options: SnipOptions, signal: AbortSignal): Promise<Float32Array<ArrayBuffer>> {
  const node = new AudioWorkletNode(context, SNIP_PROCESSOR, { numberOfInputs: 1, numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit', channelInterpretation: 'discrete', processorOptions: options });
  source.connect(node);
  return new Promise<Float32Array<ArrayBuffer>>((resolve, reject) => {
    node.port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => resolve(data);
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  }).finally(() => disconnect(source, node));
}
