/** What passes between a page and the chain through which a microphone is heard. */
import type { EngineBinary } from '../../../wasm/host/engine.ts';
import type { LiveSound } from '../../../wasm/rendering/live-chain.ts';

export const MONITOR_PROCESSOR = 'tonetwin-monitor';

export interface MonitorOptions {
  readonly engine: EngineBinary;
  readonly channels: 1 | 2;
}

/** To the processor: the sound from now on. null: as the microphone hears it. */
export type MonitorOrder = { readonly type: 'sound'; readonly sound: LiveSound | null } | { readonly type: 'end' };

/** From the processor: what is heard now, and how much later than it came in the chain puts it out. */
export interface MonitorNews {
  readonly latencyFrames: number;
}
