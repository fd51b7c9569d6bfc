/** A compressor in bands, where the gain over time shows that bands move apart. */
import { compressor, type CompressorBand, type CompressorValues } from '../../../shared/params/compressor.ts';
import { clampTo } from '../../../shared/params/effect.ts';
import { neutralStyle, type Style } from '../../../shared/style.ts';
import { openEngine } from '../../host/engine.ts';
import { BAND_HOP, bandTraces, partitions } from './band-traces.ts';
import { renderStages } from './chain-renderer.ts';
import type { Stereo } from './excerpts.ts';
import { type CoarseCompressor, compressorsOn } from './level-detection.ts';
import type { Pair } from './stages.ts';

/** Bands of half an octave and more; under 80 Hz a window of 1024 frames tells no two apart. */
const EDGES_HZ = [40, 80, 120, 170, 240, 340, 480, 680, 960, 1360, 1920, 2700, 3800, 5400, 7600, 10_700, 16_000] as const;
/** Bands that move apart by less than this (RMS around the common gain, dB) move as one: the noise of the traces. */
const APART_DB = 0.6;
/** In groups they must leave this much less than as one. */
const WORTH_IT = 0.7;
/** A slope that levels alone show is blurred by their windows: steeper than 10:1 it is not believed at first. */
const STEEPEST = 0.9;

/**
 * @param style its equalizer is known
 * @param still what the chain would give if it moved no level
 * @returns starts for the joint fit, by number of bands; none where the level moves as one
 * Cost: one pass of short transforms, some hundred thousand settings on levels.
 */
export async function multibandStarts({ engine: binary, sampleRate, targets, references }: Pair, style: Style, still: readonly Stereo[]): Promise<CompressorValues[]> {
  const engine = await openEngine(binary);
  const input = await renderStages(binary, sampleRate, style, ['eq'], targets);
  const edges = EDGES_HZ.filter((hz) => hz < 0.45 * sampleRate);
  const fine = bandTraces(engine, input[0]!, still[0]!, references[0]!, edges, sampleRate);
  const found = partitions(fine.map((b) => b.trace), compressor.bands.max);
  const [one] = found;
  if (!one || one.error < APART_DB ** 2) return [];
  return found.slice(1).flatMap(({ cuts, error }) => {
    if (error > WORTH_IT * one.error) return [];
    const crossovers = cuts.map((cut) => edges[cut]!);
    const rows = still.map((before, e) => bandTraces(engine, input[e]!, before, references[e]!, [20, ...crossovers, 0.45 * sampleRate], sampleRate));
    const settings = rows[0]!.map((_, b) => compressorsOn([{ usesRms: true, levelsDb: rows.map((r) => r[b]!.levelDb) }], rows.map((r) => r[b]!.trace), (1000 * BAND_HOP) / sampleRate, 1)[0] ?? null);
    return [valuesOf(settings, crossovers)];
  });
}

function valuesOf(settings: readonly (CoarseCompressor | null)[], crossovers: readonly number[]): CompressorValues {
  const { parameters } = compressor.bands;
  const idle = neutralStyle('', 'A').modules.dynamics.values;
  const openDb = settings[0]?.gainDb ?? 0;
  const bands = settings.map((s): CompressorBand => ({
    thresholdDb: clampTo(parameters.thresholdDb, s?.thresholdDb ?? 0),
    ratio: clampTo(parameters.ratio, 1 / (1 - Math.min(STEEPEST, s?.slope || 0.01))),
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
