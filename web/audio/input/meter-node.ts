/** A meter on the audio thread, as its page sees it. */
import type { EngineBinary } from '../../../wasm/host/engine.ts';
import { disconnect } from './disconnect.ts';
import { METER_PROCESSOR, type MeterOptions, type MeterReading } from './meter-messages.ts';
import processorUrl from './meter.worklet.ts?worker&url';

const loaded = new WeakSet<BaseAudioContext>();

/**
 * Listens to a node until the answer is called.
 *
 * @param source  of `context`
 * @param onReading  about 25 times a second
 * @returns how to stop
 */
export async function listenTo(
  context: BaseAudioContext,
  source: AudioNode,
  { engine, channels, onReading }: { readonly engine: EngineBinary; readonly channels: 1 | 2; readonly onReading: (reading: MeterReading) => void },
): Promise<() => void> {
  if (!loaded.has(context)) await context.audioWorklet.addModule(processorUrl);
  loaded.add(context);
  const node = new AudioWorkletNode(context, METER_PROCESSOR, {
    numberOfInputs: 1,
    numberOfOutputs: 0,
    channelCount: channels,
    channelCountMode: 'explicit',
    processorOptions: { engine, channels } satisfies MeterOptions,
  });
  node.port.onmessage = ({ data }: MessageEvent<MeterReading>) => onReading(data);
  source.connect(node);
  return () => {
    node.port.onmessage = null;
    node.port.postMessage('end');
    disconnect(source, node);
  };
}
