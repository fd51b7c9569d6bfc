/**
 * Mode A: the reference is the target itself, processed. Align, then take the chain apart: what is linear, what moves
 * the level, what adds to the sound; each in turn on what the others leave.
 */
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import { neutralStyle, type Style } from '../../shared/style.ts';
import { openEngine } from '../host/engine.ts';
import { alignRecordings } from './alignment.ts';
import type { InvertOptions, Measured } from './contract.ts';
import { renderStages } from './paired/chain-renderer.ts';
import { dynamicsModules } from './paired/dynamics-module.ts';
import { equalizerModule } from './paired/equalizer-module.ts';
import { readExcerpts } from './paired/excerpts.ts';
import { linearPart } from './paired/linear-part.ts';
import { loudnessModule } from './paired/loudness-module.ts';
import { widthModule } from './paired/width.ts';

/**
 * The style between two recordings of the same performance.
 *
 * @throws AppError 'match/cannot-align' where they are different performances, 'job/cancelled'
 *
 * Cost: 3 to 8 s whatever the length; excerpts of at most 26 s are looked at.
 */
export async function invertPaired(reference: Measured, target: Measured, options: InvertOptions): Promise<Style> {
  const { engine: binary, signal, onProgress } = options;
  const step = (fraction: number) => {
    throwIfAborted(signal);
    onProgress?.(fraction);
  };
  const style = neutralStyle(binary.digest, 'A');
  style.sources = { reference: reference.features.contentHash, target: target.features.contentHash };
  const alignment = await alignRecordings(reference.pcm, target.pcm, { engine: binary, signal });
  if (!alignment.paired) throw new AppError('match/cannot-align');
  step(0.15);

  const sampleRate = target.pcm.sampleRate;
  const excerpts = await readExcerpts(reference.pcm, target.pcm, target.features, alignment);
  const before = excerpts.map((e) => e.target);
  const after = excerpts.map((e) => e.reference);
  const engine = await openEngine(binary);
  const linear = linearPart(engine, before, after, sampleRate);
  style.modules.eq = equalizerModule(linear, sampleRate);
  style.modules.stereo = widthModule(linear);
  step(0.3);

  const equalized = await renderStages(binary, sampleRate, style, ['eq'], before);
  const dynamics = await dynamicsModules({
    engine: binary,
    sampleRate,
    input: equalized,
    reference: after,
    width: style.modules.stereo.enabled ? style.modules.stereo.values : null,
    ceilingDbtp: options.ceilingDbtp,
    referencePeakDbtp: reference.features.truePeakDbtp,
  });
  style.modules.dynamics = dynamics.dynamics;
  style.modules.limiter = dynamics.limiter;
  style.modules.lufs = loudnessModule(reference.features);
  step(1);
  return style;
}
