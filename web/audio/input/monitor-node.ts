/** A microphone heard through a chain, as its page sees it. */
import type { EngineBinary } from '../../../wasm/host/engine.ts';
import type { LiveSound } from '../../../wasm/rendering/live-chain.ts';
import { disconnect } from './disconnect.ts';
import { MONITOR_PROCESSOR, type MonitorNews, type MonitorOptions, type MonitorOrder } from './monitor-messages.ts';
import processorUrl from './monitor.worklet.ts?worker&url';

export interface Monitor {
  /** From now on it is heard so; null: as the microphone hears it. */
  set(sound: LiveSound | null): void;
  end(): void;
}

const loaded = new WeakSet<BaseAudioContext>();

/**
 * Plays a microphone to the context's output.
 *
 * @param source  of `context`
 * @param onLatency  frames the chain adds, each time the sound changes
 */
export async function openMonitor(
  context: AudioContext,
  source: AudioNode,
  { engine, channels, onLatency }: { readonly engine: EngineBinary; readonly channels: 1 | 2; readonly onLatency: (frames: number) => void },
): Promise<Monitor> {
  if (!loaded.has(context)) await context.audioWorklet.addModule(processorUrl);
  loaded.add(context);
  const node = new AudioWorkletNode(context, MONITOR_PROCESSOR, {
    numberOfInputs: 1,
    numberOfOutputs: 1,
    outputChannelCount: [2],
    channelCount: channels,
    channelCountMode: 'explicit',
    processorOptions: { engine, channels } satisfies MonitorOptions,
  });
  const tell = (order: MonitorOrder) => node.port.postMessage(order);
  node.port.onmessage = ({ data }: MessageEvent<MonitorNews>) => onLatency(data.latencyFrames);
  source.connect(node).connect(context.destination);
  return {
    set: (sound) => tell({ type: 'sound', sound }),
    end() {
      tell({ type: 'end' });
      node.port.onmessage = null;
      disconnect(source, node);
      node.disconnect();
    },
  };
}
