import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import libsamplerate from '@alexanderolsen/libsamplerate-js';
import PFFFT from '@echogarden/pffft-wasm/simd';
import { decodeFlac } from '../../wasm/cli/flac.ts';
import { byteSourceFromArray } from '../../wasm/formats/byte-source.ts';
import { openWav } from '../../wasm/formats/wav-reader.ts';
import { createWavWriter } from '../../wasm/formats/wav-writer.ts';
import { openEngine } from '../../wasm/host/engine.ts';
import { Resampler } from '../../wasm/host/resampler.ts';
import { engineBinary } from '../support/engine.ts';
import { musicLike, whiteNoise } from '../support/signals.ts';
import { decayingNoise } from '../support/styles.ts';
import { type Bench, type BenchRow, fasterBy, least, timeInTurn } from './bench.ts';
import { openEbur128 } from './ebur128.ts';
import { ffmpegMsPerSecond, ffmpegVersion } from './ffmpeg.ts';
import { fftwMs } from './kernels/fftw.ts';
import { measureMachine } from './kernels/machine.ts';
import { ffmpegMs, hasFilter } from './kernels/native.ts';
import { plainStft } from './kernels/stft.ts';
import { EIGHT_BANDS, EIGHT_BANDS_FFMPEG, plainEqualizer } from './plain-equalizer.ts';
import { openSignalsmith } from './signalsmith.ts';

const RATE = 48_000;
const SECONDS = 10;
const FRAMES = RATE * SECONDS;
const IR_SECONDS = 2;
const FFT_SIZES = [2048, 8192, 65_536] as const;

/** A native time, or why there is none. */
type Native = { readonly name: string; readonly ms: number } | { readonly why: string };

/** How much of what the machine can do at most a kernel uses. */
interface Share {
  readonly unit: 'f32 Gflop/s' | 'f64 Gflop/s' | 'GB/s';
  /** Operations or bytes of one run. */
  readonly amount: number;
  readonly limit: string;
}

async function timed(work: () => Promise<unknown>, rounds = 5): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const start = performance.now();
    await work();
    if (round > 0) times.push(performance.now() - start);
  }
  return least(times);
}

export const bench: Bench = {
  name: 'kernels',
  about: `every kernel on one core against npm and native; ${SECONDS} s of stereo at 48 kHz unless it says otherwise`,
  yardstick: 'named in each row; a share of peak is against loops of nothing but multiplications and additions (or copies) in WebAssembly, in this run; the best of the rounds everywhere',
  async run() {
    const [engine, machine, version] = [await openEngine(await engineBinary()), await measureMachine(), ffmpegVersion()];
    const rows: BenchRow[] = [];
    const peaks = { 'f32 Gflop/s': machine.f32Gflops, 'f64 Gflop/s': machine.f64Gflops, 'GB/s': machine.gigabytes };
    const add = (kernel: string, npm: string | null, [ours, theirs]: readonly [number, number | null], native: Native, share: Share | null): void => {
      if (npm && theirs !== null) rows.push(fasterBy(`${kernel}: ${npm}`, [ours, theirs], 'npm'));
      else rows.push({ what: `${kernel}: npm`, ours, yardstick: null, unit: 'ms', ratio: null, note: npm ?? '' });
      if ('ms' in native) rows.push(fasterBy(`${kernel}: ${native.name}`, [ours, native.ms], 'native'));
      else rows.push({ what: `${kernel}: native`, ours, yardstick: null, unit: 'ms', ratio: null, note: native.why });
      if (!share) return;
      const reached = share.amount / ours / 1e6;
      rows.push({ what: `${kernel}: of peak`, ours: reached, yardstick: peaks[share.unit], unit: share.unit, ratio: reached / peaks[share.unit], note: share.limit });
    };
    const noFfmpeg: Native = { why: 'not run: no ffmpeg' };
    const filtered = (graph: string, name: string, filter = name): Native => {
      if (!version) return noFfmpeg;
      if (!hasFilter(filter)) return { why: `not run: this ffmpeg has no ${filter}` };
      return { name: `ffmpeg ${name}`, ms: ffmpegMsPerSecond([graph], input, RATE)[0]! * SECONDS };
    };
    const input = musicLike(SECONDS, RATE, 3);
    const copy = () => input.map((row) => row.slice()) as [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];

    const pffft = await PFFFT();
    const fftw = fftwMs(FFT_SIZES);
    FFT_SIZES.forEach((size, k) => {
      const { raw } = engine;
      const plan = raw.allocate(raw.fftPlanBytes(size));
      const [from, to] = [raw.allocate(size * 4), raw.allocate((size + 8) * 4)];
      raw.fftPlan(plan, size);
      engine.f32(from, size).set(whiteNoise(size, 1));
      const setup = pffft._pffft_new_setup(size, 0);
      const [theirFrom, theirTo, theirWork] = [0, 1, 2].map(() => pffft._pffft_aligned_malloc(size * 4)) as [number, number, number];
      new Float32Array(pffft.HEAPF32.buffer, theirFrom, size).set(whiteNoise(size, 1));
      const callsPerRound = Math.ceil(400_000 / size);
      const times = timeInTurn(() => raw.fftForward(plan, from, to), () => pffft._pffft_transform_ordered(setup, theirFrom, theirTo, theirWork, 0), { callsPerRound, rounds: 151, pick: least });
      const native: Native = fftw.status === 'measured' ? { name: 'FFTW', ms: fftw.ms[k]! } : { why: fftw.why };
      add(`FFT ${size}`, 'pffft-wasm', times, native, { unit: 'f32 Gflop/s', amount: 2.5 * size * Math.log2(size), limit: 'as many loads, stores and shuffles as arithmetic, and no fused multiply-add; FFTW has both and 256 bits' });
    });

    const equalizer = engine.createChain(RATE, [{ effect: 'equalizer', values: { bands: [...EIGHT_BANDS] } }]);
    const eqTimes = timeInTurn(() => equalizer.process(...copy()), () => plainEqualizer(copy(), RATE), { rounds: 15, pick: least });
    add('biquads, 8 bands', 'plain JavaScript (no npm package does stereo sections in doubles)', eqTimes, filtered(EIGHT_BANDS_FFMPEG, 'equalizer'), {
      unit: 'f64 Gflop/s', amount: 8 * 9 * 2 * FRAMES, limit: 'waits for itself: each frame needs the last one; two sections side by side share the wait',
    });

    const key = 'a'.repeat(64);
    const irs = [decayingNoise(IR_SECONDS, RATE, 3), decayingNoise(IR_SECONDS, RATE, 4)];
    const reverb = engine.createChain(RATE, [{ effect: 'reverb', values: { irKey: key, mix: 1, preDelayMs: 0, ringOutSeconds: 30 } }], { [key]: { sampleRate: RATE, channels: irs } });
    const block = reverb.latencyFrames;
    const afir = `aevalsrc=exprs=random(0)*exp(-3*t)|random(1)*exp(-3*t):d=${IR_SECONDS}:s=${RATE}[ir];[0:a][ir]afir`;
    const [reverbMs] = timeInTurn(() => reverb.process(...copy()), () => undefined, { rounds: 15, pick: least });
    const fftFlops = 2 * 2.5 * 2 * block * Math.log2(2 * block);
    add(`convolver, response of ${IR_SECONDS} s`, 'bench convolver: the same partitions from pffft-wasm', [reverbMs, null], filtered(afir, 'afir'), {
      unit: 'f32 Gflop/s', amount: 2 * (FRAMES / block) * (fftFlops + Math.ceil((IR_SECONDS * RATE) / block) * 8 * (block + 1)), limit: 'the products of spectra stream from the second cache: a load for every two operations',
    });

    const [fromHz, toHz] = [44_100, 48_000];
    const resampler = new Resampler(engine, fromHz, toHz);
    const theirs = await libsamplerate.create(1, fromHz, toHz, { converterType: libsamplerate.ConverterType.SRC_SINC_MEDIUM_QUALITY });
    const noise = whiteNoise(SECONDS * fromHz, 1);
    const resampled = timeInTurn(() => resampler.resampleAll(noise), () => theirs.full(noise), { rounds: 15, pick: least });
    const soxr = filtered('aresample=44100:resampler=soxr:precision=20', 'soxr, 20 bits, 48 to 44.1 kHz', 'aresample');
    add('resampler, one channel, 44.1 to 48 kHz', 'libsamplerate-js, medium', resampled, 'ms' in soxr ? { ...soxr, ms: soxr.ms / 2 } : soxr, {
      unit: 'f32 Gflop/s', amount: 2 * (resampler.inputRange(0, 1).frames) * toHz * SECONDS, limit: 'one load of a tap and one of a sample for every multiplication and addition',
    });

    const ebur = await openEbur128(RATE);
    const integrated = () => engine.createMeter('loudness', RATE).process(...input);
    add('loudness', 'ebur128-wasm', timeInTurn(integrated, () => ebur.integratedLufs(...input), { rounds: 15, pick: least }), filtered('ebur128', 'ebur128'), {
      unit: 'f64 Gflop/s', amount: 2 * 19 * FRAMES, limit: 'the recursion of two sections, as the biquads',
    });
    const truePeak = () => {
      const meter = engine.createMeter('true-peak', RATE);
      meter.process(...input);
      meter.finish();
    };
    const loud = filtered('ebur128=peak=true', 'ebur128=peak=true', 'ebur128');
    add('true peak', 'ebur128-wasm', timeInTurn(truePeak, () => ebur.truePeakDb(...input), { rounds: 15, pick: least }), loud, {
      unit: 'f32 Gflop/s', amount: 2 * 3 * 48 * 2 * FRAMES, limit: 'counted as if every phase were computed; second differences rule most of them out, what is left is looking for the rest',
    });

    const shift = engine.createChain(RATE, [{ effect: 'pitch-shift', values: { semitones: 2 } }]);
    const stretch = await openSignalsmith(RATE);
    const shifted = timeInTurn(() => shift.process(...copy()), () => stretch.shift(...copy(), 2), { rounds: 9, pick: least });
    add('pitch shift, 2 semitones', 'signalsmith-stretch', shifted, filtered('rubberband=pitch=1.122462', 'rubberband'), null);
    rows.push({ what: 'pitch shift, 2 semitones: of peak', ours: shifted[0], yardstick: null, unit: 'ms', ratio: null, note: 'eight hops a frame, angles and peaks bin by bin: branches and arithmetic on single numbers, of which peak says nothing' });

    const stft = await plainStft(RATE);
    const spectrum = () => void engine.createMeter('spectrum', RATE).process(...input);
    add('STFT and mel', 'pffft-wasm and plain JavaScript, means only', timeInTurn(spectrum, () => void stft(...input), { rounds: 15, pick: least }), { why: 'none that does both; its transforms: FFT 2048' }, {
      unit: 'f32 Gflop/s', amount: (FRAMES / 512) * (2.5 * 2048 * 11 + 2 * 2048 + 4 * 1025 + 4 * 1153), limit: 'counting every power into its histogram, a store to a place that depends on it, costs more than the transform',
    });

    await fileRows();
    return rows;

    async function fileRows(): Promise<void> {
      const bytes: Uint8Array<ArrayBuffer>[] = [];
      const write = async (bitDepth: '16' | '24') => {
        bytes.length = 0;
        const writer = await createWavWriter({ write: async (piece) => void bytes.push(piece) }, { sampleRate: RATE, channels: 2, bitDepth, frames: FRAMES });
        await writer.write(input);
        await writer.finish();
      };
      const folder = mkdtempSync(join(tmpdir(), 'tonetwin-kernels-'));
      const at = (name: string) => join(folder, name);
      try {
        const encode = await timed(() => write('24'));
        await write('16');
        writeFileSync(at('in.wav'), Buffer.concat(bytes));
        const wav = new Uint8Array(readFileSync(at('in.wav')));
        const decode = await timed(async () => (await openWav(byteSourceFromArray(wav))).read(0, FRAMES));
        // A minute, so that ffmpeg's time is more than its start.
        const long = ['-stream_loop', '5', '-i', at('in.wav')];
        const perRun = (ms: number) => ms / 6;
        const native = (name: string, words: readonly string[], idle: readonly string[]): Native => (version ? { name: `ffmpeg ${name}`, ms: perRun(ffmpegMs(words, idle)) } : noFfmpeg);
        const nothing = [...long, '-t', '0.01', '-f', 'null', '-'];
        const jsLimit = 'plain JavaScript, a sample at a time; copying would be the limit';
        add('WAV decode, 16 bits', 'none: mediabunny needs a browser', [decode, null], native('pcm_s16le to float', [...long, '-af', 'aformat=flt', '-f', 'null', '-'], nothing), { unit: 'GB/s', amount: FRAMES * 2 * 6, limit: jsLimit });
        add('WAV encode, 24 bits', 'none: mediabunny needs a browser', [encode, null], native('pcm_s24le', [...long, '-c:a', 'pcm_s24le', '-f', 'wav', '/dev/null'], nothing), { unit: 'GB/s', amount: FRAMES * 2 * 7, limit: jsLimit });
        if (!version) return;
        ffmpegMs(['-i', at('in.wav'), '-c:a', 'flac', at('in.flac')], ['-i', at('in.wav'), '-t', '0.01', '-f', 'null', '-']);
        const flac = byteSourceFromArray(new Uint8Array(readFileSync(at('in.flac'))));
        const unpack = await timed(() => decodeFlac(flac, engine, async () => undefined, async () => undefined));
        const flacLong = ['-stream_loop', '5', '-i', at('in.flac')];
        add('FLAC decode, 16 bits', 'none: libav.js and mediabunny need a browser', [unpack, null], native('flac', [...flacLong, '-f', 'null', '-'], [...flacLong, '-t', '0.01', '-f', 'null', '-']), {
          unit: 'GB/s', amount: FRAMES * 2 * 4 + flac.bytes, limit: 'where a code begins depends on the one before, a prediction on the sample before',
        });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  },
};
