/** A compressor in bands, where the gain over time shows that bands move apart. */
import { compressor, type CompressorBand, type CompressorValues } from '../../../shared/params/compressor.ts';
import { clampTo } from '../../../shared/params/effect.ts';
import { neutralStyle, type Style } from '../../../shared/style.ts';
import { openEngine } from '../../host/engine.ts';
import { BAND_HOP, bandTraces, partitions } from './band-traces.ts';
import { renderStages } from './chain-renderer.ts';
import type { Stereo } from './excerpts.ts';
import { compressorsOn } from './level-detection.ts';
import type { Pair } from './stages.ts';

/** Bands of half an octave and more; under 80 Hz a window of 1024 frames tells no two apart. */
const EDGES_HZ = [40, 80, 120, 170, 240, 340, 480, 680, 960, 1360, 1920, 2700, 3800, 5400, 7600, 10_700, 16_000] as const;
/** Bands that move apart by less than this (RMS around the common gain, dB) move as one: the noise of the traces. */
const APART_DB = 0.6;
/** One more group must leave this much less. */
const WORTH_A_GROUP = 0.88;
/** And all of them together this much less than one. */
const WORTH_IT = 0.7;

/**
 * @param style its equalizer is known
 * @param still what the chain would give if it moved no level
 * @returns a start for the joint fit; null where the level moves as one
 * Cost: one pass of short transforms, some hundred thousand settings on levels.
 */
export async function multibandStart({ engine: binary, sampleRate, targets, references }: Pair, style: Style, still: readonly Stereo[]): Promise<CompressorValues | null> {
  const engine = await openEngine(binary);
  const input = await renderStages(binary, sampleRate, style, ['eq'], targets);
  const edges = EDGES_HZ.filter((hz) => hz < 0.45 * sampleRate);
  const fine = bandTraces(engine, input[0]!, still[0]!, references[0]!, edges, sampleRate);
  const found = partitions(fine.map((b) => b.trace), compressor.bands.max);
  let groups = 1;
  while (groups < found.length && found[groups]!.error < WORTH_A_GROUP * found[groups - 1]!.error) groups += 1;
  const one = found[0]!.error;
  const best = found[groups - 1]!;
  if (groups === 1 || one < APART_DB ** 2 || best.error > WORTH_IT * one) return null;
  const crossovers = best.cuts.map((cut) => edges[cut]!);
  const rows = still.map((before, e) => bandTraces(engine, input[e]!, before, references[e]!, [20, ...crossovers, 0.45 * sampleRate], sampleRate));
  const stepMs = (1000 * BAND_HOP) / sampleRate;
  const { parameters } = compressor.bands;
  const settings = Array.from({ length: groups }, (_, b) => compressorsOn([{ usesRms: true, levelsDb: rows.map((r) => r[b]!.levelDb) }], rows.map((r) => r[b]!.trace), stepMs, 1)[0] ?? null);
  const idle = neutralStyle('', 'A').modules.dynamics.values;
  const openDb = settings[0]?.gainDb ?? 0;
  const bands = settings.map((s): CompressorBand => ({
    thresholdDb: clampTo(parameters.thresholdDb, s?.thresholdDb ?? 0),
    ratio: clampTo(parameters.ratio, 1 / (1 - (s?.slope ?? 0.01))),
    lowThresholdDb: -96,
    lowRatio: 1,
    kneeDb: 4,
    attackMs: clampTo(parameters.attackMs, s?.attackMs ?? 10),
    releaseMs: clampTo(parameters.releaseMs, s?.releaseMs ?? 100),
    rmsMs: 10,
    makeupDb: clampTo(parameters.makeupDb, (s?.gainDb ?? openDb) - openDb),
  }));
  const [crossover1Hz, crossover2Hz, crossover3Hz] = crossovers;
  return { crossover1Hz: crossover1Hz!, crossover2Hz: crossover2Hz ?? idle.crossover2Hz, crossover3Hz: crossover3Hz ?? idle.crossover3Hz, bands };
}
