/** Impulse responses on their way into the engine: prepared once, named by a handle afterwards. */
import type { EffectName } from '../../shared/params/catalogue.ts';
import type { ImpulseResponse } from '../../shared/style.ts';
import type { Engine } from './engine.ts';
import { Resampler } from './resampler.ts';

export type Assets = Readonly<Record<string, ImpulseResponse>>;

/** From the start, as a reverb; or about the middle tap, as a linear-phase filter. */
export type Anchor = 'start' | 'centre';

export const anchorOf = (effect: EffectName): Anchor => (effect === 'match-fir' ? 'centre' : 'start');

/** @returns pointer of the prepared block */
export function prepareAsset(engine: Engine, sampleRate: number, stored: ImpulseResponse, anchor: Anchor): number {
  const ir = atRate(engine, stored, sampleRate, anchor);
  const frames = ir.channels[0]!.length;
  const { raw } = engine;
  const asset = raw.allocate(raw.convolverAssetBytes(ir.channels.length, frames));
  const data = raw.allocate(ir.channels.length * frames * 4);
  ir.channels.forEach((channel, index) => engine.f32(data + index * frames * 4, frames).set(channel));
  raw.convolverAssetPrepare(asset, ir.channels.length, frames, data);
  raw.release(data);
  return asset;
}

/** Input frames around a filter's ends into which its band-limited form spreads: under -100 dB of it beyond. */
const SPREAD_FRAMES = 64;

/** An impulse response at another rate keeps its gain: its samples stand for shorter or longer steps of time. */
function atRate(engine: Engine, ir: ImpulseResponse, sampleRate: number, anchor: Anchor): ImpulseResponse {
  if (ir.sampleRate === sampleRate) return ir;
  const resampler = new Resampler(engine, ir.sampleRate, sampleRate);
  const step = ir.sampleRate / sampleRate;
  const resample = (channel: Float32Array) => (anchor === 'start' ? resampler.resampleAll(channel) : aboutCentre(resampler, channel));
  return { sampleRate, channels: ir.channels.map((channel) => resample(channel).map((value) => value * step)) };
}

/** Moves the middle tap to a frame that both rates have, so that the filter stays symmetric about a tap. */
function aboutCentre(resampler: Resampler, taps: Float32Array): Float32Array<ArrayBuffer> {
  const centre = (taps.length - 1) >> 1;
  const { up, down } = resampler;
  const reach = centre + SPREAD_FRAMES;
  const common = Math.ceil(reach / down);
  const padded = new Float32Array(2 * common * down + 1);
  padded.set(taps, common * down - centre);
  const half = Math.ceil((reach * up) / down);
  return resampler.resampleAll(padded).slice(common * up - half, common * up + half + 1);
}
