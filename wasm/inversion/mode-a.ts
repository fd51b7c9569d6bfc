/**
 * Mode A: the reference is the target itself, processed. Align, then take the chain apart: what is linear, what moves
 * the level, each in turn on what the others leave; then turn everything that was found together, and ask what else is in it.
 */
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import { clampTo } from '../../shared/params/effect.ts';
import { reverb } from '../../shared/params/reverb.ts';
import { neutralStyle, type Style } from '../../shared/style.ts';
import { alignRecordings } from './alignment.ts';
import type { InvertOptions, Measured } from './contract.ts';
import { ceilingModule } from './paired/dynamics-module.ts';
import { endOf, readExcerpts, type Stereo } from './paired/excerpts.ts';
import { JointProblem } from './paired/joint-fit.ts';
import { loudnessModule } from './paired/loudness-module.ts';
import { multibandStarts } from './paired/multiband.ts';
import { endPeaks } from './paired/peak-ceiling.ts';
import { refineTogether } from './paired/refinement.ts';
import { estimateDynamics, estimateLinear, estimatePitched, estimateResidual, estimateReverb, type Pair, refineLinear, separateReverb } from './paired/stages.ts';
import { backOff, dropIdleLimiter, dropWhatDoesNotHelp, helps } from './paired/verification.ts';
import { fittedStretches, judgedStretches, loudestStretch, WholeChain } from './paired/whole-chain.ts';

/**
 * The style between two recordings of the same performance.
 *
 * @throws AppError 'match/cannot-align' where they are different performances, 'job/cancelled'
 *
 * Cost: 6 to 24 s whatever the length, most where dynamics, harmonics and a limiter come together; excerpts of at most 26 s are looked at.
 */
export async function invertPaired(reference: Measured, target: Measured, options: InvertOptions): Promise<Style> {
  const { engine, signal, onProgress } = options;
  const step = (fraction: number) => {
    throwIfAborted(signal);
    onProgress?.(fraction);
  };
  const style = neutralStyle(engine.digest, 'A');
  style.sources = { reference: reference.features.contentHash, target: target.features.contentHash };
  style.modules.lufs = loudnessModule(reference.features);
  const alignment = await alignRecordings(reference.pcm, target.pcm, { engine, signal });
  if (!alignment.paired) throw new AppError('match/cannot-align');
  step(0.15);

  const excerpts = await readExcerpts(reference.pcm, target.pcm, target.features, alignment);
  const excerpted: Pair = {
    engine,
    sampleRate: target.pcm.sampleRate,
    targets: excerpts.map((e) => e.target),
    references: excerpts.map((e) => e.reference),
    heard: excerpts.map((e) => e.heard),
    ceilingDbtp: options.ceilingDbtp,
    referencePeakDbtp: reference.features.truePeakDbtp,
    ringOutSeconds: clampTo(reverb.parameters.ringOutSeconds, endOf(reference.pcm, target.pcm, alignment) - target.pcm.frames / target.pcm.sampleRate),
    trials: options.trials ?? null,
  };
  if (alignment.pitchSemitones !== 0) {
    const pitched = await estimatePitched(excerpted, style, alignment.pitchSemitones);
    style.modules.limiter = ceilingModule(options.ceilingDbtp);
    step(0.8);
    const chainOf = (targets: readonly Stereo[]) => WholeChain.create(engine, pitched.sampleRate, judgedStretches(targets, pitched.heard, pitched.sampleRate));
    const chain = await chainOf(pitched.targets);
    await dropWhatDoesNotHelp(style, chain);
    const untouched = (await chainOf(excerpted.targets)).untouched();
    await backOff(style, chain, untouched, options.ceilingDbtp);
    await endPeaks(style, chain, untouched, { ...pitched, references: pitched.heard });
    step(1);
    return style;
  }
  const pair = excerpted;
  let reverberant = await estimateReverb(pair, style);
  let still = reverberant?.still ?? (await estimateLinear(pair, style));
  step(0.35);
  let movedDb = await estimateDynamics(pair, style, still);
  step(0.6);

  const chain = await WholeChain.create(engine, pair.sampleRate, [loudestStretch(pair.targets, pair.heard, pair.sampleRate)]);
  if (reverberant && !(await helps(style, chain, 'reverb'))) {
    // What an exciter or a limiter adds can pass for a room: then the chain is taken apart as one without.
    reverberant = null;
    style.modules.reverb = neutralStyle(engine.digest, 'A').modules.reverb;
    still = await estimateLinear(pair, style);
    movedDb = await estimateDynamics(pair, style, still);
  }
  step(0.7);
  // A level that moves before the room blurs its response: once more, now that it is known.
  if (reverberant && style.modules.dynamics.enabled) await separateReverb(pair, style, reverberant.evidence);
  if (!reverberant) await refineLinear(pair, style, movedDb, chain);
  await dropWhatDoesNotHelp(style, chain);
  step(0.75);
  const apart = await multibandStarts(pair, style, still);
  const problem = await JointProblem.create(engine, pair.sampleRate, fittedStretches(pair.targets, pair.heard, pair.sampleRate), pair.trials);
  const gainDb = await refineTogether(style, problem, apart);
  if (options.residualFir) await estimateResidual(pair, style, gainDb);
  step(0.95);
  const judge = await WholeChain.create(engine, pair.sampleRate, judgedStretches(pair.targets, pair.heard, pair.sampleRate));
  await dropWhatDoesNotHelp(style, judge);
  await dropIdleLimiter(style, judge, options.ceilingDbtp);
  const untouched = judge.untouched();
  await backOff(style, judge, untouched, options.ceilingDbtp);
  await endPeaks(style, judge, untouched, { ...pair, references: pair.heard });
  step(1);
  return style;
}
