/**
 * Mode A: the reference is the target itself, processed. Align, then take the chain apart: what is linear, what moves
 * the level, what adds to the sound; each in turn on what the others leave.
 */
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import { neutralStyle, type Style } from '../../shared/style.ts';
import { type EngineBinary, openEngine } from '../host/engine.ts';
import { alignRecordings } from './alignment.ts';
import type { InvertOptions, Measured } from './contract.ts';
import { renderStages, stepsOf } from './paired/chain-renderer.ts';
import { dynamicsModules } from './paired/dynamics-module.ts';
import { equalizerModule, residualOf } from './paired/equalizer-module.ts';
import { readExcerpts, type Stereo } from './paired/excerpts.ts';
import { linearPart } from './paired/linear-part.ts';
import { loudnessModule } from './paired/loudness-module.ts';
import { directPart, tailOf } from './paired/reverb-module.ts';
import { lookForTail, reverbResponses, showsTail, type TailEvidence } from './paired/reverb-tail.ts';
import { widthModule } from './paired/width.ts';
import { residualFir } from './residual-fir.ts';

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
  const evidence = await lookForTail(engine, before, after, sampleRate);
  let still: readonly Stereo[];
  if (showsTail(evidence)) {
    await separateReverb(binary, style, before, after, sampleRate, evidence);
    still = await renderStages(binary, sampleRate, style, ['eq', 'stereo', 'reverb'], before);
  } else {
    const linear = linearPart(engine, before, after, sampleRate);
    still = linear.model;
    style.modules.eq = equalizerModule(linear, sampleRate);
    style.modules.stereo = widthModule(linear);
    if (options.residualFir) {
      const { module, ir } = await residualFir(engine, residualOf(linear, style.modules, sampleRate), sampleRate);
      style.modules.matchFir = module;
      if (ir) style.irs = { ...style.irs, [ir.key]: ir.response };
    }
  }
  step(0.4);

  const equalized = await renderStages(binary, sampleRate, style, ['eq', 'matchFir'], before);
  const dynamics = await dynamicsModules({
    engine: binary,
    sampleRate,
    input: equalized,
    reference: after,
    still,
    afterwards: stepsOf(style.modules, ['stereo', 'reverb']),
    assets: style.irs,
    ceilingDbtp: options.ceilingDbtp,
    referencePeakDbtp: reference.features.truePeakDbtp,
  });
  style.modules.dynamics = dynamics.dynamics;
  style.modules.limiter = dynamics.limiter;
  style.modules.lufs = loudnessModule(reference.features);
  step(1);
  return style;
}

/** With a reverb the spectra show the room as well: the direct sound alone tells the equalizer and the width. */
async function separateReverb(binary: EngineBinary, style: Style, before: readonly Stereo[], after: readonly Stereo[], sampleRate: number, evidence: TailEvidence): Promise<void> {
  const engine = await openEngine(binary);
  let responses = reverbResponses(engine, before, after, sampleRate, evidence);
  const direct = directPart(engine, responses, sampleRate);
  style.modules.eq = equalizerModule(direct, sampleRate, REVERBERANT_FLAT_DB);
  style.modules.stereo = widthModule(direct, REVERBERANT_FLAT_DB);
  if (style.modules.eq.enabled || style.modules.stereo.enabled) {
    const entering = await renderStages(binary, sampleRate, style, ['eq', 'stereo'], before);
    responses = reverbResponses(await openEngine(binary), entering, after, sampleRate, evidence);
  }
  const tail = await tailOf(responses, sampleRate, evidence);
  if (!tail) return;
  style.modules.reverb = tail.module;
  style.irs = { ...style.irs, [tail.key]: tail.ir };
}

/** Early echoes ripple the direct sound's spectrum: flatter than this, nothing was equalized. */
const REVERBERANT_FLAT_DB = 0.8;
