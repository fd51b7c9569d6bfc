/**
 * The laws of a processor (DESIGN.md), applied to one effect. Every effect's test calls `obeysTheLaws` once and adds
 * its own facts.
 */
import { describe, expect, test } from 'vitest';
import { type EffectName, type EffectValues, effectNamed } from '../../shared/params/catalogue.ts';
import { type Effect, isAsset, isChoice, type Parameter, type Parameters } from '../../shared/params/effect.ts';
import { pcmFromArrays } from '../../shared/pcm.ts';
import type { Assets } from '../../wasm/host/assets.ts';
import type { Chain, ChainStep, Engine } from '../../wasm/host/engine.ts';
import { findFaults } from '../../wasm/rendering/faults/find-faults.ts';
import { type Fault, FAULTS } from '../../wasm/rendering/faults/finding.ts';
import { composedPiece } from '../bench/identify/material.ts';
import { engineBinary, freshEngine } from '../support/engine.ts';
import { difference, nullDb } from '../support/samples.ts';
import { randomNumbers, sine, whiteNoise } from '../support/signals.ts';

export interface Subject<N extends EffectName> {
  readonly effect: N;
  /** Values that leave the sound alone. */
  readonly neutral: EffectValues<N>;
  /** Largest difference that neutral values make once the latency is removed, dB re full scale; -Infinity: none. */
  readonly neutralNullDb: number;
  /** Settings at work, named; the first one serves where one is enough. */
  readonly working: Readonly<Record<string, EffectValues<N>>>;
  /** Swapping the channels before is the same as after. */
  readonly commutesWithSwap: boolean;
  /** Impulse responses that asset parameters name. */
  readonly assets?: Assets;
  /** Settings under which a delay can be measured with an impulse; `neutral` where left out. */
  readonly latencyOf?: readonly EffectValues<N>[];
  /** Faults that the effect is asked for or that say nothing of it, with the reason: of all settings, or by setting. */
  readonly notFaults?: Partial<Record<Fault, string | Readonly<Record<string, string>>>>;
  /** dBTP that a setting promises not to pass. */
  readonly ceilingDbtp?: (values: EffectValues<N>) => number;
}

type Stereo = readonly [left: Float32Array<ArrayBuffer>, right: Float32Array<ArrayBuffer>];

const RATES = [44_100, 48_000, 96_000] as const;
const SMALLEST_NORMAL = 2 ** -126;

const step = <N extends EffectName>(effect: N, values: EffectValues<N>): ChainStep => ({ effect, values }) as ChainStep;

/** Noise and a tone at levels that move, different channels, true peaks under full scale. */
function material(frames: number, sampleRate: number): Stereo {
  const left = whiteNoise(frames, 11, 0.4);
  const right = whiteNoise(frames, 12, 0.4);
  const tone = sine(frames, 523.25, sampleRate, 0.5);
  for (let i = 0; i < frames; i += 1) {
    const level = i % 9000 < 3000 ? 0.6 : i % 9000 < 6000 ? 0.03 : 0.25;
    left[i] = (left[i]! + tone[i]!) * level;
    right[i] = (right[i]! * 0.7 - tone[i]! * 0.3) * level;
  }
  return [left, right];
}

/** Chunk after chunk, in place of a copy; `chunkOf` answers the next chunk's length. */
function run(chain: Chain, input: Stereo, chunkOf: () => number, from = 0, to = input[0].length): Stereo {
  const out: Stereo = [input[0].slice(from, to), input[1].slice(from, to)];
  for (let at = 0; at < to - from; ) {
    const end = Math.min(to - from, at + chunkOf());
    chain.process(out[0].subarray(at, end), out[1].subarray(at, end));
    at = end;
  }
  return out;
}

const whole = (): number => Number.MAX_SAFE_INTEGER;

const same = (a: Stereo, b: Stereo): void => {
  const lengths = [a[0].length, a[0].length] as const;
  expect(difference(a[0], b[0])).toEqual({ lengths, first: -1, largest: 0 });
  expect(difference(a[1], b[1])).toEqual({ lengths, first: -1, largest: 0 });
};

/** The ends of every parameter's range, by path; choices and assets take all their values. */
function coordinatesOf(effect: Effect, irs: readonly string[]): { path: string; options: readonly (number | string | null)[] }[] {
  const optionsOf = (p: Parameter) => (isChoice(p) ? p.choices : isAsset(p) ? [null, ...irs] : [p.min, p.max]);
  const list = (parameters: Parameters, prefix: string) =>
    Object.entries(parameters).map(([name, p]) => ({ path: prefix + name, options: optionsOf(p) }));
  const bands = Array.from({ length: effect.bands?.max ?? 0 }, (_, band) => list(effect.bands!.parameters, `${band}.`));
  return [...list(effect.parameters, ''), ...bands.flat()];
}

/**
 * Corners of the parameter box: all of them up to 64, else rows of a Hadamard matrix (Sylvester) and their
 * complements, in which every three two-valued parameters meet in every combination; further choices are drawn.
 */
export function cornersOf<N extends EffectName>(name: N, irs: readonly string[] = []): EffectValues<N>[] {
  const effect: Effect = effectNamed(name);
  const coordinates = coordinatesOf(effect, irs);
  const all = coordinates.reduce((product, { options }) => product * options.length, 1);
  const random = randomNumbers(99);
  const order = 2 ** Math.ceil(Math.log2(coordinates.length + 1));
  const parity = (bits: number): number => (bits === 0 ? 0 : (bits & 1) ^ parity(bits >>> 1));
  const rows = Array.from({ length: all <= 64 ? all : 2 * order }, (_, row) => {
    let rest = row;
    return coordinates.map(({ options }, column) => {
      if (all <= 64) {
        const option = options[rest % options.length]!;
        rest = Math.floor(rest / options.length);
        return option;
      }
      if (options.length > 2) return options[Math.floor(random() * options.length)]!;
      return options[(parity((row % order) & (column + 1)) ^ (row < order ? 0 : 1)) % options.length]!;
    });
  });
  return rows.map((row) => {
    const values: Record<string, unknown> = effect.bands
      ? { bands: Array.from({ length: effect.bands.max }, () => ({})) }
      : {};
    coordinates.forEach(({ path }, index) => {
      const [band, parameter] = path.includes('.') ? path.split('.') : [null, path];
      const home = band === null ? values : (values.bands as Record<string, unknown>[])[Number(band)]!;
      home[parameter!] = row[index];
    });
    return values as EffectValues<N>;
  });
}

function hardSignals(frames: number, sampleRate: number): Record<string, Stereo> {
  const impulse = new Float32Array(frames);
  impulse[10] = 1;
  const square = sine(frames, 997, sampleRate, 1).map((x) => (x >= 0 ? 1 : -1));
  const dc = new Float32Array(frames).fill(1);
  return {
    noise: [whiteNoise(frames, 5, 1), whiteNoise(frames, 6, 1)],
    dc: [dc, dc.map((x) => -x)],
    impulse: [impulse, new Float32Array(frames)],
    square: [square, square],
  };
}

const isFiniteThroughout = (samples: Float32Array): boolean => samples.every((x) => Number.isFinite(x));
const denormals = (samples: Float32Array): number => samples.reduce((n, x) => n + (x !== 0 && Math.abs(x) < SMALLEST_NORMAL ? 1 : 0), 0);

/** Declares the laws as tests. Call it at the top of an effect's test file. */
export function obeysTheLaws<N extends EffectName>(subject: Subject<N>): void {
  const { effect, neutral, assets } = subject;
  const settings = Object.entries(subject.working);
  const isExempt = (kind: Fault, setting: string): boolean => {
    const why = subject.notFaults?.[kind];
    return typeof why === 'string' || (why !== undefined && setting in why);
  };
  const chainOf = (engine: Engine, values: EffectValues<N>, sampleRate = 48_000): Chain =>
    engine.createChain(sampleRate, [step(effect, values)], assets);

  describe(`${effect} obeys the laws of a processor`, () => {
    test.each(settings)('any chunk length gives the same samples (%s)', async (_, values) => {
      const engine = await freshEngine();
      const chain = chainOf(engine, values);
      const input = material(30_000, 48_000);
      const reference = run(chain, input, whole);
      const random = randomNumbers(3);
      for (const chunkOf of [() => 128, () => 997, () => 1 + Math.floor(random() ** 4 * 5000)]) {
        chain.reset();
        same(reference, run(chain, input, chunkOf));
      }
      chain.reset();
      const short: Stereo = [input[0].slice(0, 1500), input[1].slice(0, 1500)];
      same([reference[0].slice(0, 1500), reference[1].slice(0, 1500)], run(chain, short, () => 1));
    });

    test.each(settings)('a saved state goes on in a fresh engine (%s)', async (_, values) => {
      const input = material(30_000, 48_000);
      const first = chainOf(await freshEngine(), values);
      const expected = run(first, input, whole);
      first.reset();
      run(first, input, whole, 0, 12_345);
      const saved = first.saveState();
      const engine = await freshEngine();
      engine.raw.allocate(4096); // elsewhere in memory, so that an address in the state would show
      const second = chainOf(engine, values);
      second.loadState(saved);
      same([expected[0].slice(12_345), expected[1].slice(12_345)], run(second, input, whole, 12_345));
    });

    test.each(settings)('reset gives what a new chain gives (%s)', async (_, values) => {
      const input = material(10_000, 48_000);
      const used = chainOf(await freshEngine(), values);
      const expected = run(used, input, whole);
      used.reset();
      same(expected, run(used, input, whole));
      used.reset();
      expect(Buffer.compare(used.saveState(), chainOf(await freshEngine(), values).saveState())).toBe(0);
    });

    test(`neutral values are transparent (difference at most ${subject.neutralNullDb} dBFS)`, async () => {
      for (const sampleRate of RATES) {
        const chain = chainOf(await freshEngine(), neutral, sampleRate);
        const input = material(20_000, sampleRate);
        const late = chain.latencyFrames;
        const out = run(chain, [pad(input[0], late), pad(input[1], late)], whole);
        expect(nullDb(input[0], out[0].subarray(late))).toBeLessThanOrEqual(subject.neutralNullDb);
        expect(nullDb(input[1], out[1].subarray(late))).toBeLessThanOrEqual(subject.neutralNullDb);
      }
    });

    test.each(RATES)('every corner of the parameters gives finite output at %i Hz', async (sampleRate) => {
      const chain = chainOf(await freshEngine(), neutral, sampleRate);
      const signals = Object.entries(hardSignals(3000, sampleRate));
      const broken: string[] = [];
      cornersOf(effect, Object.keys(assets ?? {})).forEach((values, corner) => {
        chain.setValues(0, values);
        for (const [name, input] of signals) {
          chain.reset();
          const [left, right] = run(chain, input, whole);
          if (!isFiniteThroughout(left) || !isFiniteThroughout(right)) broken.push(`${name}, corner ${corner}`);
        }
      });
      expect(broken).toEqual([]);
    });

    test.each(RATES)('the reported latency is the measured one at %i Hz', async (sampleRate) => {
      for (const values of subject.latencyOf ?? [neutral]) {
        const chain = chainOf(await freshEngine(), values, sampleRate);
        const late = chain.latencyFrames;
        const input = new Float32Array(late + 4000);
        input[1000] = 0.25;
        const [left] = run(chain, [input, input.slice()], whole);
        const peak = left.reduce((best, x, i) => (Math.abs(x) > Math.abs(left[best]!) ? i : best), 0);
        expect(peak - 1000).toBe(late);
      }
    });

    test.each(settings)('silence stays silence, and sound ends in silence after the tail (%s)', async (_, values) => {
      const chain = chainOf(await freshEngine(), values);
      const quiet: Stereo = [new Float32Array(5000), new Float32Array(5000)];
      const [left, right] = run(chain, quiet, whole);
      expect([left.every((x) => x === 0), right.every((x) => x === 0)]).toEqual([true, true]);
      chain.reset();
      const sound = material(24_000, 48_000);
      run(chain, sound, whole);
      const ringing = chain.latencyFrames + chain.tailFrames;
      run(chain, [new Float32Array(ringing), new Float32Array(ringing)], whole);
      const after = run(chain, [new Float32Array(48_000), new Float32Array(48_000)], whole);
      for (const channel of after) {
        expect(20 * Math.log10(channel.reduce((m, x) => Math.max(m, Math.abs(x)), 0))).toBeLessThan(-90);
        expect(denormals(channel)).toBe(0);
      }
    });

    test.each(settings)('music comes out without artefacts (%s)', { timeout: 120_000 }, async (name, values) => {
      const input = composedPiece(7).channels.map((row) => row.slice(0, 6 * 48_000)) as unknown as Stereo;
      const chain = chainOf(await freshEngine(), values);
      const late = chain.latencyFrames;
      const out = run(chain, [pad(input[0], late), pad(input[1], late)], whole);
      const ceilingDbtp = subject.ceilingDbtp?.(values);
      const found = await findFaults({
        engine: await engineBinary(),
        result: pcmFromArrays(out.map((row) => row.subarray(late)), 48_000),
        clean: pcmFromArrays(input, 48_000),
        kinds: (Object.keys(FAULTS) as Fault[]).filter((kind) => !isExempt(kind, name) && (kind !== 'over' || ceilingDbtp !== undefined)),
        ...(ceilingDbtp === undefined ? {} : { ceilingDbtp }),
      });
      expect(found).toEqual([]);
    });

    test.runIf(subject.commutesWithSwap).each(settings)('swapping the channels before is swapping them after (%s)', async (_, values) => {
      const chain = chainOf(await freshEngine(), values);
      const [left, right] = material(20_000, 48_000);
      const straight = run(chain, [left, right], whole);
      chain.reset();
      const swapped = run(chain, [right, left], whole);
      same(straight, [swapped[1], swapped[0]]);
    });

    test.each(settings)('no chunk of material holds a value that is not a number (%s)', async (_, values) => {
      for (const sampleRate of [8000, 192_000]) {
        const [left, right] = run(chainOf(await freshEngine(), values, sampleRate), material(20_000, sampleRate), () => 1024);
        expect([isFiniteThroughout(left), isFiniteThroughout(right)]).toEqual([true, true]);
      }
    });
  });
}

function pad(samples: Float32Array, frames: number): Float32Array<ArrayBuffer> {
  const padded = new Float32Array(samples.length + frames);
  padded.set(samples);
  return padded;
}
