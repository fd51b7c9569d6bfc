/**
 * How long sound takes from the page to the loudspeaker or headphones and back through the microphone: everything a
 * player's sound comes late by. A sweep is played several times and found in what is heard.
 */
import { findProbe, HEARD_DB, probeSignal } from '../../../wasm/analysis/probe-delay.ts';
import { openEngine, type EngineBinary } from '../../../wasm/host/engine.ts';
import { loadSnip, snip } from './snip-node.ts';

const PROBES = 4;
/** A round trip over Bluetooth takes up to 0.4 s. */
const APART_SECONDS = 0.7;
const LEAD_SECONDS = 0.25;
/** Probes that lie further apart than this tell of dropouts, not of a delay. */
const STEADY_MS = 1;

export type RoundTrip =
  | { readonly status: 'measured'; readonly latencyMs: number; readonly spreadMs: number }
  /** The loudspeaker is off, too quiet, or the microphone does not hear it. */
  | { readonly status: 'not-heard' }
  | { readonly status: 'unsteady'; readonly spreadMs: number };

/**
 * Measures the round trip of an open microphone. It is heard: a soft sweep, four times.
 *
 * @param source  the microphone, of `context`
 * @returns the median of the probes, ms; exact to a frame over a wire
 */
export async function measureRoundTrip(context: AudioContext, source: AudioNode, binary: EngineBinary, signal: AbortSignal): Promise<RoundTrip> {
  const { sampleRate } = context;
  await loadSnip(context);
  const probe = probeSignal(sampleRate);
  const buffer = context.createBuffer(1, probe.length, sampleRate);
  buffer.copyToChannel(probe, 0);
  const apart = Math.round(APART_SECONDS * sampleRate);
  const fromFrame = Math.ceil((context.currentTime + LEAD_SECONDS) * sampleRate);
  const sources = Array.from({ length: PROBES }, (_, index) => {
    const node = context.createBufferSource();
    node.buffer = buffer;
    node.connect(context.destination);
    node.start((fromFrame + index * apart) / sampleRate);
    return node;
  });
  let heard: Float32Array;
  try {
    heard = await snip(context, source, { fromFrame, frames: PROBES * apart }, signal);
  } finally {
    for (const node of sources) {
      node.stop();
      node.disconnect();
    }
  }
  const engine = await openEngine(binary);
  const found = sources.map((_, index) => findProbe(engine, heard.subarray(index * apart, (index + 1) * apart), probe));
  return roundTripOf(found, sampleRate);
}

/** What several probes say together: more than half have to be heard, and those have to agree. */
export function roundTripOf(found: readonly { readonly delayFrames: number; readonly clarityDb: number }[], sampleRate: number): RoundTrip {
  const delaysMs = found
    .filter(({ clarityDb }) => clarityDb >= HEARD_DB)
    .map(({ delayFrames }) => (1000 * delayFrames) / sampleRate)
    .sort((a, b) => a - b);
  if (delaysMs.length <= found.length / 2) return { status: 'not-heard' };
  const spreadMs = delaysMs.at(-1)! - delaysMs[0]!;
  if (spreadMs > STEADY_MS) return { status: 'unsteady', spreadMs };
  const middle = delaysMs.length >> 1;
  const latencyMs = delaysMs.length % 2 === 1 ? delaysMs[middle]! : (delaysMs[middle - 1]! + delaysMs[middle]!) / 2;
  return { status: 'measured', latencyMs, spreadMs };
}
