/** Measures round trips and plays along to itself; called from `round-trip.spec.ts`. */
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { findProbe, probeSignal } from '../../../wasm/analysis/probe-delay.ts';
import { openEngine } from '../../../wasm/host/engine.ts';
import { backingOffsetFrames, playBacking } from '../../../web/audio/input/backing.ts';
import { measureRoundTrip, type RoundTrip } from '../../../web/audio/input/round-trip.ts';
import { loadSnip, snip } from '../../../web/audio/input/snip-node.ts';
import { engineBinary } from '../../../web/workers/engine-binary.ts';
import { whiteNoise } from '../../support/signals.ts';

const RATE = 48_000;
const TRIES = 12;
const LAST_PROBE_SECONDS = 1.2;
/** Round trips before and after that differ by less are one: nothing was dropped between them. */
const SAME_MS = 0.1;

async function openLoop(): Promise<{ context: AudioContext; source: MediaStreamAudioSourceNode; close: () => Promise<void> }> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
  const context = new AudioContext({ sampleRate: RATE });
  await context.resume();
  const source = context.createMediaStreamSource(stream);
  return {
    context,
    source,
    async close() {
      for (const track of stream.getTracks()) track.stop();
      await context.close();
    },
  };
}

/**
 * A machine at work for others drops buffers, and every drop moves the round trip by some: then it is measured again, as the page asks
 * a person to.
 */
async function steadyTrip(context: AudioContext, source: AudioNode): Promise<RoundTrip> {
  let trip: RoundTrip = { status: 'not-heard' };
  for (let tries = 0; tries < TRIES; tries += 1) {
    trip = await measureRoundTrip(context, source, await engineBinary(), new AbortController().signal);
    if (trip.status !== 'unsteady') break;
  }
  return trip;
}

function playAt(context: AudioContext, samples: Float32Array<ArrayBuffer>, frame: number): void {
  const buffer = context.createBuffer(1, samples.length, RATE);
  buffer.copyToChannel(samples, 0);
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  source.start(frame / RATE);
}

/** As `measureRoundTrip`, over the loop of the sound card. */
export async function roundTrip(muted = false): Promise<RoundTrip> {
  const loop = await openLoop();
  const silent = loop.context.createGain();
  silent.gain.value = 0;
  loop.source.connect(silent);
  try {
    return await steadyTrip(loop.context, muted ? silent : loop.source);
  } finally {
    await loop.close();
  }
}

/**
 * Records while a backing plays, as somebody who plays exactly with what they hear, and compares where the backing is found in
 * what was recorded with where it is said to belong. Counts only where the round trip is the same before and after.
 *
 * @param fromSeconds  where in the backing it begins
 * @returns ms between the two; null where the machine was never left alone for long enough
 */
export async function playAlong(sourceHz: number, fromSeconds: number): Promise<{ latencyMs: number; errorMs: number; clarityDb: number } | null> {
  const loop = await openLoop();
  const { context, source } = loop;
  const fromFrame = Math.round(fromSeconds * RATE);
  // Band-limited, so that the change of rate leaves it as it is.
  const noise = whiteNoise(3 * sourceHz, 11, 0.3);
  for (let i = noise.length - 1; i > 1; i -= 1) noise[i] = (noise[i]! + 2 * noise[i - 1]! + noise[i - 2]!) / 4;
  const ratio = sourceHz / RATE;
  const wanted = Float32Array.from({ length: RATE / 3 }, (_, i) => {
    const at = (fromFrame + i) * ratio;
    const below = Math.floor(at);
    return noise[below]! * (1 - (at - below)) + noise[below + 1]! * (at - below);
  });
  try {
    await loadSnip(context);
    const engine = await openEngine(await engineBinary());
    const probe = probeSignal(RATE);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const segmentFrame = Math.ceil((context.currentTime + 0.1) * RATE);
      const recording = snip(context, source, { fromFrame: segmentFrame, frames: 1.8 * RATE }, new AbortController().signal);
      // Sweeps at both ends of what is recorded say whether the round trip stayed what it was.
      for (const seconds of [0, LAST_PROBE_SECONDS]) playAt(context, probe, segmentFrame + seconds * RATE);
      const backing = await playBacking(context, pcmFromArrays([noise], sourceHz), { fromFrame, gain: 0.5, onEnd: () => undefined, onError: (thrown) => console.error(thrown) });
      const heard = await recording;
      backing.stop();
      const latencies = [0, LAST_PROBE_SECONDS].map((seconds) => (1000 * findProbe(engine, heard.subarray(seconds * RATE, (seconds + LAST_PROBE_SECONDS) * RATE), probe).delayFrames) / RATE) as [number, number];
      if (Math.abs(latencies[0] - latencies[1]) > SAME_MS) continue;
      const { delayFrames, clarityDb } = findProbe(engine, heard, wanted);
      // What sounds first is frame `fromFrame` of the backing.
      const offset = backingOffsetFrames(backing, segmentFrame, latencies[0], RATE);
      return { latencyMs: latencies[0], errorMs: (1000 * (delayFrames - fromFrame - offset)) / RATE, clarityDb };
    }
    return null;
  } finally {
    await loop.close();
  }
}
