/**
 * Mode B: the reference is another recording. Its settings cannot be known; its sound can be approached, and how sure
 * we are is said per module. Closed forms from the features first; dynamics are then tried on excerpts of the target
 * with the engine itself.
 */
import { throwIfAborted } from '../../shared/errors.ts';
import { equalizerResponseDb } from '../../shared/equalizer-response.ts';
import { neutralStyle, type Style, type StyleModules } from '../../shared/style.ts';
import { openEngine } from '../host/engine.ts';
import type { InvertOptions, Measured } from './contract.ts';
import { loudnessModule } from './paired/loudness-module.ts';
import { residualFir } from './residual-fir.ts';
import { dynamicsModule } from './unpaired/dynamics-module.ts';
import { equalizerModule, isToBeFreed, residualOf } from './unpaired/equalizer-module.ts';
import { exciterModule } from './unpaired/exciter-module.ts';
import { hasFlatTop } from './unpaired/flat-top.ts';
import { likeWithLike, type MomentSpectraOfBoth, readMomentSpectra } from './unpaired/like-with-like.ts';
import { limiterModule } from './unpaired/limiter-module.ts';
import { compareMaterial, spectralDifference } from './unpaired/material.ts';
import { pitchModule } from './unpaired/pitch-module.ts';
import { reverbModule } from './unpaired/reverb-module.ts';
import { curveOf, mayShareSounds, spectralStyle } from './unpaired/spectral-style.ts';
import { plrGrowthDb, readMoments } from './unpaired/trial.ts';
import { type ResponseDb, sideGainAt, widthModule } from './unpaired/width-module.ts';

/**
 * The style that takes a target towards another recording.
 *
 * @throws AppError 'job/cancelled'
 * Cost: about a second whatever the length; excerpts of at most 24 s are rendered.
 */
export async function invertUnpaired(reference: Measured, target: Measured, options: InvertOptions): Promise<Style> {
  const { engine: binary, signal, onProgress } = options;
  throwIfAborted(signal);
  const style = neutralStyle(binary.digest, 'B');
  style.sources = { reference: reference.features.contentHash, target: target.features.contentHash };
  const { modules } = style;
  const material = compareMaterial(reference.features, target.features);
  const { sampleRate } = target.features;
  const engine = await openEngine(binary);
  const spectra = mayShareSounds(material) ? { reference: await readMomentSpectra(engine, reference), target: await readMomentSpectra(engine, target) } : null;
  const styleBehind = (stereo: StyleModules['stereo'], shared: MomentSpectraOfBoth | null) => {
    const sideGainDb = (hz: number) => (stereo.enabled ? sideGainAt(stereo.values, hz) : 0);
    const difference = spectralDifference(reference.features, target.features, sideGainDb);
    return spectralStyle(difference, material, shared && likeWithLike(shared, difference, sideGainDb));
  };
  const widthBehind = (responseDb: ResponseDb) => widthModule(reference.features, target.features, responseDb, material);
  // Width and equalizer depend on each other a little: the curve stands in for the bands until they are fitted, and for the
  // width the plain one is near enough.
  const spectrum = styleBehind(widthBehind(curveOf(styleBehind(widthBehind(() => 0), null))), spectra);
  modules.eq = equalizerModule(spectrum, sampleRate, isToBeFreed(reference.features, target.features));
  modules.stereo = widthBehind((hz) => (modules.eq.enabled ? equalizerResponseDb(modules.eq.values.bands, [hz], sampleRate)[0]! : 0));
  if (options.residualFir) {
    const { module, ir } = await residualFir(engine, residualOf(spectrum, modules.eq, sampleRate), sampleRate);
    modules.matchFir = module;
    if (ir) style.irs = { [ir.key]: ir.response };
  }
  modules.exciter = exciterModule(reference.features, target.features);
  if (options.pitch) modules.pitch = pitchModule(reference.features, target.features);
  const { module, ir } = await reverbModule(reference.features, target.features);
  modules.reverb = module;
  if (ir) style.irs = { ...style.irs, [ir.key]: ir.response };
  modules.lufs = loudnessModule(reference.features);
  onProgress?.(0.3);
  const moments = await readMoments(target.pcm);
  throwIfAborted(signal);
  modules.dynamics = await dynamicsModule({ binary, style, moments, reference: reference.features, target: target.features, material });
  const plrDb = target.features.plrDb === null ? null : target.features.plrDb + (await plrGrowthDb(binary, style, moments, sampleRate));
  const { samplePeakDb } = reference.features;
  const isWall = samplePeakDb !== null && hasFlatTop(await readMoments(reference.pcm), reference.features.sampleRate, samplePeakDb);
  modules.limiter = limiterModule({ reference: reference.features, isWall, plrDb, material }, options.ceilingDbtp);
  onProgress?.(1);
  return style;
}
