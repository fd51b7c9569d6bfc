/**
 * The door to the engine: typed arrays in and out. The files of this folder alone hold pointers.
 *
 * Views on the engine's memory are made after the last allocation of a call and dropped before the next, because
 * growing the memory detaches them.
 */
import { AppError } from '../../shared/errors.ts';
import { ABI_HASH, METERS, type MeterName } from '../../shared/generated/abi.ts';
import { EFFECTS, type EffectName, type EffectValues, effectNamed } from '../../shared/params/catalogue.ts';
import { type Effect, isAsset, isChoice, type Parameter } from '../../shared/params/effect.ts';
import type { ImpulseResponse } from '../../shared/style.ts';
import { type Anchor, anchorOf, type Assets, prepareAsset } from './assets.ts';
import { BLOCK_FRAMES } from './block.ts';
import type { EngineExports } from './exports.ts';
import { Meter, MeterGroup } from './meters.ts';

/** A compiled engine; can be posted to workers. */
export interface EngineBinary {
  readonly module: WebAssembly.Module;
  /** SHA-256 of the binary, hexadecimal: part of every cache key. */
  readonly digest: string;
}

/** One effect of a chain with its values. */
export type ChainStep = { [N in EffectName]: { readonly effect: N; readonly values: EffectValues<N> } }[EffectName];

/**
 * Compiles the engine's bytes.
 * @throws AppError 'engine/failed' when the bytes are not WebAssembly
 */
export async function compileEngine(bytes: Uint8Array<ArrayBuffer>): Promise<EngineBinary> {
  try {
    const [module, digest] = await Promise.all([WebAssembly.compile(bytes), crypto.subtle.digest('SHA-256', bytes)]);
    return { module, digest: Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, '0')).join('') };
  } catch (cause) {
    throw new AppError('engine/failed', {}, { cause });
  }
}

/**
 * A fresh engine with a memory of its own: cheap, and dropped as a whole when the work is done.
 * @throws AppError 'engine/stale' when engine and host are of different versions
 */
export async function openEngine(binary: EngineBinary): Promise<Engine> {
  const instance = await WebAssembly.instantiate(binary.module, IMPORTS);
  return new Engine(instance.exports as unknown as EngineExports, binary.digest);
}

/** The same at once, for audio threads, which cannot wait. Browsers refuse this on a page's main thread. */
export function openEngineAtOnce(binary: EngineBinary): Engine {
  return new Engine(new WebAssembly.Instance(binary.module, IMPORTS).exports as unknown as EngineExports, binary.digest);
}

const IMPORTS = {
  env: {
    abort: (_message: number, _file: number, line: number) => {
      throw new AppError('engine/failed', { detail: `line ${line}` });
    },
  },
};

export class Engine {
  readonly digest: string;
  /** The raw exports, for the other files of wasm/host only. */
  readonly raw: EngineExports;
  readonly #prepared = new WeakMap<ImpulseResponse, Map<string, number>>();

  constructor(raw: EngineExports, digest: string) {
    if (raw.abiHash() >>> 0 !== ABI_HASH) throw new AppError('engine/stale');
    this.raw = raw;
    this.digest = digest;
  }

  /**
   * A row of effects, processed in place one after the other.
   * @param sampleRate Hz, 8 000 to 192 000
   * @param assets impulse responses named by the steps' asset values; resampled where the rate differs
   */
  createChain(sampleRate: number, steps: readonly ChainStep[], assets: Assets = {}): Chain {
    return new Chain(this, sampleRate, steps, assets);
  }

  /** @param option a number the meter's own file explains; 0 where it has none */
  createMeter(name: MeterName, sampleRate: number, option = 0): Meter {
    return new Meter(this, METERS.indexOf(name), sampleRate, option);
  }

  /** Several meters on one stream: what they hear is brought to the engine once. */
  createMeterGroup<N extends MeterName>(sampleRate: number, names: readonly N[]): MeterGroup<N> {
    return new MeterGroup(this, sampleRate, names);
  }

  /** An impulse response ready for the convolver; the same one is prepared once. Stays until the engine is dropped. */
  prepareAsset(ir: ImpulseResponse | undefined, sampleRate: number, anchor: Anchor): number {
    if (!ir?.channels[0]?.length) return 0;
    const known = this.#prepared.get(ir) ?? new Map<string, number>();
    this.#prepared.set(ir, known);
    const name = `${anchor} ${sampleRate}`;
    const asset = known.get(name) ?? prepareAsset(this, sampleRate, ir, anchor);
    known.set(name, asset);
    return asset;
  }

  f32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.raw.memory.buffer, pointer, length);
  }

  f64(pointer: number, length: number): Float64Array {
    return new Float64Array(this.raw.memory.buffer, pointer, length);
  }

  bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.raw.memory.buffer, pointer, length);
  }
}

const idOf = (name: EffectName): number => EFFECTS.findIndex((effect) => effect.name === name);

function encode(parameter: Parameter, value: number | string | null, handle: (key: string | null) => number): number {
  if (isChoice(parameter)) return parameter.choices.indexOf(value as string);
  if (isAsset(parameter)) return handle(value as string | null);
  return value as number;
}

/** Values in ABI order: scalars, band count, bands (see wasm/build/generate.ts). */
function encodeValues(effect: Effect, values: object, handle: (key: string | null) => number): number[] {
  const named = values as Record<string, number | string | null>;
  const row = Object.entries(effect.parameters).map(([name, p]) => encode(p, named[name] ?? null, handle));
  if (!effect.bands) return row;
  const bands = ((values as { bands: Record<string, number | string>[] }).bands ?? []).slice(0, effect.bands.max);
  row.push(bands.length);
  for (const band of bands) {
    for (const [name, p] of Object.entries(effect.bands.parameters)) row.push(encode(p, band[name] ?? null, handle));
  }
  return row;
}

const parameterCount = (effect: Effect): number =>
  Object.keys(effect.parameters).length +
  (effect.bands ? 1 + effect.bands.max * Object.keys(effect.bands.parameters).length : 0);

interface Link {
  readonly id: number;
  readonly effect: Effect;
  readonly params: number;
  /** Pointer and size of the state block; 0 before the first values. */
  state: number;
  stateBytes: number;
}

export class Chain {
  readonly #engine: Engine;
  readonly #links: Link[];
  readonly #left: number;
  readonly #right: number;
  readonly #handle: (key: string | null) => number;
  /** In the order they were made. */
  readonly #blocks: number[] = [];
  readonly sampleRate: number;

  constructor(engine: Engine, sampleRate: number, steps: readonly ChainStep[], assets: Assets) {
    this.#engine = engine;
    this.sampleRate = sampleRate;
    const prepared = new Map<string, number>();
    this.#handle = (key) => (key === null ? 0 : (prepared.get(key) ?? 0));
    for (const step of steps) {
      for (const key of assetKeys(step)) {
        if (prepared.has(key)) continue;
        prepared.set(key, engine.prepareAsset(assets[key], sampleRate, anchorOf(step.effect)));
      }
    }
    this.#links = steps.map((step) => {
      const effect: Effect = effectNamed(step.effect);
      return { id: idOf(step.effect), effect, params: this.#allocate(parameterCount(effect) * 8), state: 0, stateBytes: 0 };
    });
    this.#left = this.#allocate(BLOCK_FRAMES * 4);
    this.#right = this.#allocate(BLOCK_FRAMES * 4);
    steps.forEach((step, index) => this.setValues(index, step.values));
  }

  /**
   * Values of one step from the next frame on. Where they name an impulse response of another length, that step
   * starts afresh.
   */
  setValues(index: number, values: object): void {
    const { raw } = this.#engine;
    const link = this.#links[index]!;
    const row = encodeValues(link.effect, values, this.#handle);
    this.#engine.f64(link.params, row.length).set(row);
    const stateBytes = raw.processorStateBytes(link.id, this.sampleRate, link.params);
    if (stateBytes === link.stateBytes) return;
    // The block before is not given back: memory is freed in reverse order only, and the chain is dropped as a whole.
    link.state = this.#allocate(stateBytes);
    link.stateBytes = stateBytes;
    raw.processorReset(link.id, link.state, this.sampleRate, link.params);
  }

  #allocate(bytes: number): number {
    const block = this.#engine.raw.allocate(bytes);
    this.#blocks.push(block);
    return block;
  }

  /**
   * Gives the memory back for the next chain of this engine; the chain is of no use afterwards. Impulse responses stay
   * prepared. Only what was made last can be given back: release chains in reverse order.
   */
  release(): void {
    for (let block = this.#blocks.pop(); block !== undefined; block = this.#blocks.pop()) this.#engine.raw.release(block);
  }

  /** Frames by which the output is late: the sum over the effects. */
  get latencyFrames(): number {
    return this.#sum((l) => this.#engine.raw.processorLatencyFrames(l.id, this.sampleRate, l.params));
  }

  /** Frames until the output has rung out after the input's end, latency not included. */
  get tailFrames(): number {
    return this.#sum((l) => this.#engine.raw.processorTailFrames(l.id, this.sampleRate, l.params));
  }

  #sum(of: (link: Link) => number): number {
    return this.#links.reduce((sum, link) => sum + of(link), 0);
  }

  reset(): void {
    for (const link of this.#links) this.#engine.raw.processorReset(link.id, link.state, this.sampleRate, link.params);
  }

  /** In place; both arrays have the same length. Mono material is passed as two equal channels. */
  process(left: Float32Array, right: Float32Array): void {
    const { raw } = this.#engine;
    for (let from = 0; from < left.length; from += BLOCK_FRAMES) {
      const frames = Math.min(BLOCK_FRAMES, left.length - from);
      this.#engine.f32(this.#left, frames).set(left.subarray(from, from + frames));
      this.#engine.f32(this.#right, frames).set(right.subarray(from, from + frames));
      for (const link of this.#links) {
        raw.processorProcess(link.id, link.state, link.params, this.#left, this.#right, frames);
      }
      left.set(this.#engine.f32(this.#left, frames), from);
      right.set(this.#engine.f32(this.#right, frames), from);
    }
  }

  /** Size of the state of all effects together. */
  get stateBytes(): number {
    return this.#sum((l) => l.stateBytes);
  }

  /** The state blocks, one after the other: load it into an equal chain and the work goes on. */
  saveState(): Uint8Array<ArrayBuffer> {
    const saved = new Uint8Array(this.stateBytes);
    let at = 0;
    for (const link of this.#links) {
      saved.set(this.#engine.bytes(link.state, link.stateBytes), at);
      at += link.stateBytes;
    }
    return saved;
  }

  loadState(saved: Uint8Array): void {
    if (saved.length !== this.stateBytes) throw new AppError('engine/stale');
    let at = 0;
    for (const link of this.#links) {
      this.#engine.bytes(link.state, link.stateBytes).set(saved.subarray(at, at + link.stateBytes));
      at += link.stateBytes;
    }
  }
}

const assetKeys = (step: ChainStep): string[] =>
  Object.entries(effectNamed(step.effect).parameters as Record<string, Parameter>)
    .filter(([, parameter]) => isAsset(parameter))
    .map(([name]) => (step.values as unknown as Record<string, string | null>)[name])
    .filter((key) => key != null);
