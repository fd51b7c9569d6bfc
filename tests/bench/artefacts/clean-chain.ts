/** Honest processing: what the product does at ordinary settings, drawn by seed. What is found in it is a false alarm. */
import type { Assets } from '../../../wasm/host/assets.ts';
import type { ChainStep, Engine } from '../../../wasm/host/engine.ts';
import type { Draw } from '../identify/draw.ts';
import type { Stereo } from '../identify/processors.ts';

const ROOM = 'f'.repeat(64);

function steps(draw: Draw): ChainStep[] {
  const row: ChainStep[] = [];
  // Takes off 4.7 dB at most, at full scale, and the limiter as much as is said below: under what is called a pump.
  if (draw.chance(0.5)) {
    const band = { thresholdDb: draw.between(-14, -10), ratio: draw.between(1.3, 1.5), lowThresholdDb: -80, lowRatio: 1, kneeDb: 6, attackMs: draw.ratio(5, 40), releaseMs: draw.ratio(80, 400), rmsMs: 10, makeupDb: 2 };
    row.push({ effect: 'compressor', values: { crossover1Hz: 120, crossover2Hz: 1000, crossover3Hz: 5000, bands: [band] } });
  }
  row.push({ effect: 'gain', values: { gainDb: draw.between(-9, 0) } });
  if (draw.chance(0.8)) {
    const bands = Array.from({ length: 4 }, () => ({ type: draw.pick(['peak', 'low_shelf', 'high_shelf'] as const), fHz: draw.ratio(80, 12_000), q: draw.ratio(0.5, 3), gainDb: draw.between(-8, 8) }));
    row.push({ effect: 'equalizer', values: { bands } });
  }
  if (draw.chance(0.3)) row.push({ effect: 'exciter', values: { fHz: draw.ratio(2000, 6000), driveDb: draw.between(6, 15), even: 0.3, amount: draw.between(0.1, 0.4) } });
  if (draw.chance(0.4)) row.push({ effect: 'stereo-width', values: { crossover1Hz: 250, crossover2Hz: 4000, widthLow: 1, widthMid: draw.between(0.6, 1.6), widthHigh: draw.between(0.6, 1.6) } });
  if (draw.chance(0.3)) row.push({ effect: 'reverb', values: { irKey: ROOM, mix: draw.between(0.1, 0.3), preDelayMs: draw.between(0, 20), ringOutSeconds: 30 } });
  return row;
}

/** The same frames through steps, on time. */
function through(engine: Engine, rows: Stereo, rate: number, row: readonly ChainStep[], assets: Assets = {}): Stereo {
  const chain = engine.createChain(rate, row, assets);
  const late = chain.latencyFrames;
  const [left, right] = rows.map((samples) => {
    const padded = new Float32Array(samples.length + late);
    padded.set(samples);
    return padded;
  }) as [Float32Array, Float32Array];
  chain.process(left, right);
  return [left.slice(late), right.slice(late)];
}

/** Of peaks over the ceiling a limiter takes off as many dB at most: more would be pumping in truth. */
const LIMITED_DB = 1.2;

/** The same frames through a chain that is drawn; a limiter comes last. */
export function throughCleanChain(engine: Engine, rows: Stereo, rate: number, draw: Draw): Stereo {
  const seconds = draw.between(0.3, 1.2);
  // Of energy 1: as loud as the sound itself at a mix of 1.
  const energy = ((1 / 12) * seconds * rate) / 13.8;
  const room = [0, 1].map(() => Float32Array.from({ length: Math.round(seconds * rate) }, (_, i) => ((draw.unit() - 0.5) * Math.exp((-6.9 * i) / (seconds * rate))) / Math.sqrt(energy)));
  const body = through(engine, rows, rate, steps(draw), { [ROOM]: { sampleRate: rate, channels: room } });
  const peak = Math.max(...body.map((row) => row.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6)));
  const gainDb = Math.min(0, draw.between(0, LIMITED_DB) - 1 - 20 * Math.log10(peak));
  return through(engine, body, rate, [{ effect: 'gain', values: { gainDb } }, { effect: 'limiter', values: { tpDb: -1, lookaheadMs: 3, releaseMs: 120 } }]);
}

/** Up to three semitones up or down. */
export const throughPitchShift = (engine: Engine, rows: Stereo, rate: number, draw: Draw): Stereo =>
  through(engine, rows, rate, [{ effect: 'gain', values: { gainDb: -6 } }, { effect: 'pitch-shift', values: { semitones: draw.sign() * draw.ratio(0.2, 3) } }]);
