import { expect, test } from 'vitest';
import { neutralStyle, type Style } from '../../../../shared/style.ts';
import { partitions } from '../../../../wasm/inversion/paired/band-traces.ts';
import { SpectralDistance } from '../../../../wasm/inversion/paired/distance.ts';
import { fitDynamics } from '../../../../wasm/inversion/paired/dynamics-fit.ts';
import { JointProblem } from '../../../../wasm/inversion/paired/joint-fit.ts';
import { SpectralTruth } from '../../../../wasm/inversion/paired/spectral-truth.ts';
import { runTrial, type TrialPool, type TrialTask } from '../../../../wasm/inversion/paired/trial-pool.ts';
import { fittedStretches } from '../../../../wasm/inversion/paired/whole-chain.ts';
import { expectLawful } from '../../../contracts/inverter-laws.ts';
import { engineBinary, freshEngine } from '../../../support/engine.ts';
import { invert } from '../../../support/invert.ts';
import { renderArrays } from '../../../support/rendering.ts';
import { musicLike, pinkNoise, randomNumbers } from '../../../support/signals.ts';

type Stereo = readonly [Float32Array, Float32Array];

const RATE = 44_100;
const take = musicLike(10, RATE, 33) as unknown as Stereo;
const power = (rows: readonly Float32Array[]) => rows.reduce((sum, row) => sum + row.reduce((s, x) => s + x * x, 0), 0);

/** A low beat and a brighter one against it, over a quiet bed: bands that a compressor hears apart. */
function beats(seconds: number): Stereo {
  const random = randomNumbers(3);
  const frames = seconds * RATE;
  const [bed, other] = [pinkNoise(frames, 11, 0.01), pinkNoise(frames, 12, 0.01)];
  const level = (i: number) => 0.4 + 0.6 * Math.abs(Math.sin(i / (1.7 * RATE)));
  const rows = [bed, other].map((row, c) =>
    row.map((x, i) => {
      const [low, high] = [(i / RATE) % 0.5, (i / RATE) % 0.37];
      const tones = [70, 110, 165, 220, 290].reduce((sum, hz) => sum + Math.sin(2 * Math.PI * hz * (i / RATE)), 0);
      return x + level(i) * (0.12 * tones * Math.exp(-low / 0.12) + (c === 0 ? 0.25 : 0.18) * (random() - 0.5) * Math.exp(-high / 0.06));
    }),
  );
  return rows as unknown as Stereo;
}

/** Distance of a take in a style, and of the take as it is, as loud as the reference. */
async function distances(take: Stereo, style: Style, reference: Stereo): Promise<{ rendered: number; untouched: number; render: Stereo }> {
  const { channels } = await renderArrays(take, RATE, style, { engine: await engineBinary() });
  const render = channels as unknown as Stereo;
  const distance = new SpectralDistance(await freshEngine(), reference);
  const loud = Math.sqrt(power(reference) / power(take));
  return { rendered: distance.of(render), untouched: distance.of([take[0].map((x) => x * loud), take[1].map((x) => x * loud)]), render };
}

/** Second-order Butterworth filters, each twice: a crossover after S. H. Linkwitz, 1976; coefficients of the audio EQ cookbook. */
function split(signal: Float32Array, hz: number): [Float32Array, Float32Array] {
  const turn = (2 * Math.PI * hz) / RATE;
  const [c, alpha] = [Math.cos(turn), Math.sin(turn) * Math.SQRT1_2];
  const twice = (b0: number, b1: number): Float32Array => {
    let out = signal;
    for (let pass = 0; pass < 2; pass += 1) {
      let [x1, x2, y1, y2] = [0, 0, 0, 0];
      out = out.map((x) => {
        const y = (b0 * x + b1 * x1 + b0 * x2 + 2 * c * y1 - (1 - alpha) * y2) / (1 + alpha);
        [x2, x1, y2, y1] = [x1, x, y1, y];
        return y;
      });
    }
    return out;
  };
  return [twice((1 - c) / 2, 1 - c), twice((1 + c) / 2, -1 - c)];
}

/** A feed-forward compressor on mean squares, written here: both channels share the gain. */
function compressed([left, right]: Stereo, thresholdDb: number, ratio: number, attackMs: number, releaseMs: number): Stereo {
  const part = (ms: number) => 1 - Math.exp(-1000 / (ms * RATE));
  const [rise, fall, follow] = [part(attackMs), part(releaseMs), part(5)];
  let [mean, held] = [0, 0];
  const gain = left.map((x, i) => {
    mean += follow * (Math.max(x * x, right[i]! ** 2) - mean);
    const over = Math.max(0, 10 * Math.log10(mean + 1e-12) - thresholdDb);
    held += (over > held ? rise : fall) * (over - held);
    return 10 ** ((-held * (1 - 1 / ratio)) / 20);
  });
  return [left.map((x, i) => x * gain[i]!), right.map((x, i) => x * gain[i]!)];
}

/** RMS difference of level over 50 ms steps, dB, where the reference is within 40 dB of its loudest. */
function levelErrorDb(a: Stereo, b: Stereo): number {
  const hop = Math.round(0.05 * RATE);
  const levels = (s: Stereo) => Array.from({ length: Math.floor(b[0].length / hop) - 1 }, (_, k) => 10 * Math.log10(power(s.map((row) => row.subarray(k * hop, (k + 1) * hop))) + 1e-12));
  const [mine, theirs] = [levels(a), levels(b)];
  const errors = theirs.flatMap((l, k) => (l > Math.max(...theirs) - 40 ? [mine[k]! - l] : []));
  return Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
}

test('another maker\'s compressor in two bands is followed in bands: level within 0.5 dB, at most 0.5 of the distance of doing nothing', async () => {
  const drums = beats(9);
  const [l, r] = [split(drums[0], 700), split(drums[1], 700)];
  const low = compressed([l[0], r[0]], -32, 5, 8, 120);
  const high = [l[1], r[1]] as const;
  const reference: Stereo = [low[0].map((x, i) => x + high[0][i]!), low[1].map((x, i) => x + high[1][i]!)];
  const style = await invert(reference, drums, RATE, { mode: 'A' });
  expectLawful(style);
  const { dynamics } = style.modules;
  expect(dynamics.enabled).toBe(true);
  expect(dynamics.values.bands.length).toBeGreaterThan(1);
  const { rendered, untouched, render } = await distances(drums, style, reference);
  expect(rendered).toBeLessThan(0.5 * untouched);
  expect(levelErrorDb(render, reference)).toBeLessThan(0.5);
});

test('a soft clipper of another maker is followed by harmonics: at most 0.5 of the distance of doing nothing', async () => {
  const peak = Math.max(...take.map((row) => row.reduce((m, x) => Math.max(m, Math.abs(x)), 0)));
  const drive = 5 / peak;
  const reference = take.map((row) => row.map((x) => 0.3 * Math.tanh(drive * x))) as unknown as Stereo;
  const style = await invert(reference, take, RATE, { mode: 'A' });
  expectLawful(style);
  expect(style.modules.exciter.enabled).toBe(true);
  const { rendered, untouched } = await distances(take, style, reference);
  expect(rendered).toBeLessThan(0.5 * untouched);
});

test('trials shared out among two or three others give the same values, bit for bit, as one alone', async () => {
  const binary = await engineBinary();
  const reference = take.map((row) => row.map((x) => 0.5 * Math.tanh(4 * x))) as unknown as Stereo;
  const style = neutralStyle('', 'A');
  const { exciter, dynamics } = style.modules;
  style.modules.exciter = { ...exciter, enabled: true, values: { fHz: 100, driveDb: 6, even: 0.1, amount: 0.5 } };
  style.modules.dynamics = { ...dynamics, enabled: true };
  let asked = 0;
  // As a thread would get it: nothing of ours, only what can be sent.
  const others = (size: number): TrialPool => ({ size, run: (task) => ((asked += 1), runTrial(binary, structuredClone(task as TrialTask)) as Promise<never>) });
  const fitted = async (pool: TrialPool | null) => {
    const problem = await JointProblem.create(binary, RATE, fittedStretches([take], [reference], RATE), pool);
    const looks = [0.2, 0.5, 0.9].map((amount) => ({ ...style.modules, exciter: { ...style.modules.exciter, values: { ...style.modules.exciter.values, amount } } }));
    const { values, softness, after } = await problem.fit(style, style.modules, { isLimited: false, iterations: 2 });
    const level = await fitDynamics({
      engine: binary, sampleRate: RATE, input: [take], reference: [reference], still: [take], afterwards: [], assets: {}, ceilingDbtp: -1, referencePeakDbtp: -1, trials: pool,
    });
    return { values, softness, after, level, distances: await problem.distances(style, looks, 'exciter') };
  };
  const alone = await fitted(null);
  expect(asked).toBe(0);
  expect(await fitted(others(2))).toEqual(alone);
  expect(await fitted(others(3))).toEqual(alone);
  expect(asked).toBeGreaterThan(0);
});

test('the slope of the quadratic is the slope of the distance', async () => {
  const random = randomNumbers(5);
  const noise = (level: number): Float32Array => Float32Array.from({ length: 16_384 }, () => level * (random() - 0.5));
  const reference: Stereo = [noise(1), noise(1)];
  const render: Stereo = [reference[0].map((x, i) => 0.7 * x + 0.2 * reference[1][i]!), noise(0.5)];
  const truth = new SpectralTruth(await freshEngine(), [reference], RATE);
  const now = truth.spectra([render]);
  const { slope } = truth.quadratic(now);
  const step = 0.001;
  const then = truth.spectra([[render[0].map((x) => x * Math.exp(step)), render[1].map((x) => x * Math.exp(step))]]);
  const predicted = slope.reduce((sum, g) => sum + g * step, 0);
  const seen = truth.distance(then) - truth.distance(now);
  expect(Math.abs(predicted / seen - 1)).toBeLessThan(0.1);
});

test('bands whose gains move as one are grouped, and the cut is where they part', () => {
  const random = randomNumbers(9);
  const [one, two] = [0, 1].map(() => Float64Array.from({ length: 400 }, () => 6 * (random() - 0.5))) as [Float64Array, Float64Array];
  const weight = new Float64Array(400).fill(1);
  const traces = Array.from({ length: 7 }, (_, b) => ({ hopFrames: 256, weight, gainDb: (b < 3 ? one : two).map((g) => g + b + 0.2 * (random() - 0.5)) }));
  const [single, pair] = partitions(traces, 4);
  expect(pair!.cuts).toEqual([3]);
  expect(pair!.error).toBeLessThan(0.01);
  expect(single!.error).toBeGreaterThan(1);
});
