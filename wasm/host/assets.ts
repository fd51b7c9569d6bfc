/** Impulse responses on their way into the engine: prepared once, named by a handle afterwards. */
import type { ImpulseResponse } from '../../shared/style.ts';
import type { Engine } from './engine.ts';

export type Assets = Readonly<Record<string, ImpulseResponse>>;

/** @returns pointer of the prepared block, 0 where the style does not carry the key */
export function prepareAsset(engine: Engine, sampleRate: number, key: string, assets: Assets): number {
  const ir = assets[key];
  const frames = ir?.channels[0]?.length ?? 0;
  if (!ir || frames === 0) return 0;
  void sampleRate;
  const { raw } = engine;
  const asset = raw.allocate(raw.convolverAssetBytes(ir.channels.length, frames));
  const data = raw.allocate(ir.channels.length * frames * 4);
  ir.channels.forEach((channel, index) => engine.f32(data + index * frames * 4, frames).set(channel));
  raw.convolverAssetPrepare(asset, ir.channels.length, frames, data);
  raw.release(data);
  return asset;
}
