/** Impulse responses on their way into the engine: prepared once, named by a handle afterwards. */
import type { ImpulseResponse } from '../../shared/style.ts';
import type { Engine } from './engine.ts';
import { Resampler } from './resampler.ts';

export type Assets = Readonly<Record<string, ImpulseResponse>>;

/** @returns pointer of the prepared block, 0 where the style does not carry the key */
export function prepareAsset(engine: Engine, sampleRate: number, key: string, assets: Assets): number {
  const stored = assets[key];
  if (!stored?.channels[0]?.length) return 0;
  const ir = atRate(engine, stored, sampleRate);
  const frames = ir.channels[0]!.length;
  const { raw } = engine;
  const asset = raw.allocate(raw.convolverAssetBytes(ir.channels.length, frames));
  const data = raw.allocate(ir.channels.length * frames * 4);
  ir.channels.forEach((channel, index) => engine.f32(data + index * frames * 4, frames).set(channel));
  raw.convolverAssetPrepare(asset, ir.channels.length, frames, data);
  raw.release(data);
  return asset;
}

/** An impulse response at another rate keeps its gain: its samples stand for shorter or longer steps of time. */
function atRate(engine: Engine, ir: ImpulseResponse, sampleRate: number): ImpulseResponse {
  if (ir.sampleRate === sampleRate) return ir;
  const resampler = new Resampler(engine, ir.sampleRate, sampleRate);
  const step = ir.sampleRate / sampleRate;
  return { sampleRate, channels: ir.channels.map((channel) => resampler.resampleAll(channel).map((value) => value * step)) };
}
