/**
 * A response whose energy falls as the room's. What least squares find of a response dies too soon where the music covers
 * it, where delays sway, and where the response was cut: there noise fills in what is missing, per octave, and what is
 * too much, the estimate's own noise, is turned down.
 * Source: J. A. Moorer, "About this reverberation business", Computer Music Journal 3(2), 1979, for the late part;
 * J.-M. Jot, L. Cerveau and O. Warusfel, "Analysis and synthesis of room reverberation based on a statistical
 * time-frequency model", AES 103, 1997, for going on along the decay where the measured one ends.
 */
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';
import type { BandDecay } from './energy-decay.ts';
import { hann } from './transfer-function.ts';

const SIZE = 512;
const HOP = SIZE / 4;
/** Sum of squared Hann windows a quarter apart, and of one's squares as a share of its length. */
const OVERLAP = 1.5;
const WINDOW_POWER = 0.375;
/** Half of what energies are averaged over: as long as a window of the decays. */
const REACH = 8;
/** The model speaks from here on after the direct sound; what comes before are echoes, each in its place. */
const LATE_SECONDS = 0.06;
const LONGEST_SECONDS = 4;
/** Of the longest decay: down to -50 dB. */
const KEPT = 50 / 60;
/** Averages sway by themselves by less than this, as a share of power. */
const SWAY = 1.4;
/** The direct sound and its equalizer's ringing. */
const NEAR_SECONDS = 0.003;

/** xorshift32 (Marsaglia 2003), uniform of unit power. */
export function noise(frames: number, seed: number): Float32Array {
  let state = (seed * 2654435761) >>> 0;
  return Float32Array.from({ length: frames }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) / 2147483648 - 1) * Math.sqrt(3);
  });
}

/** Bins of each octave, and how much of each octave's value a bin takes: straight between the middles. */
function octavesOf(decays: readonly BandDecay[], sampleRate: number) {
  const bins = SIZE / 2 + 1;
  const at = (k: number) => Math.log2(Math.max(1, k) * (sampleRate / SIZE));
  const middles = decays.map((d) => Math.log2(d.hz));
  const place = Float64Array.from({ length: bins }, (_, k) => {
    const hz = at(k);
    if (hz <= middles[0]!) return 0;
    const next = middles.findIndex((m) => m >= hz);
    return next < 0 ? middles.length - 1 : next - 1 + (hz - middles[next - 1]!) / (middles[next]! - middles[next - 1]!);
  });
  const ranges = decays.map(({ hz }) => [hz / Math.SQRT2, hz * Math.SQRT2].map((f) => Math.min(bins, Math.max(1, Math.round((f * SIZE) / sampleRate)))) as [number, number]);
  return { place, ranges: ranges.map(([from, to]) => [from, Math.max(from + 1, to)] as const) };
}

const between = (values: ArrayLike<number>, place: number): number => {
  const low = Math.floor(place);
  const high = Math.min(values.length - 1, low + 1);
  return values[low]! + (values[high]! - values[low]!) * (place - low);
};

/** Power per bin of a row, octave by octave, window by window. */
function octavePowers(engine: Engine, row: Float32Array, ranges: readonly (readonly [number, number])[], count: number): Float64Array[] {
  const fft = new RealFft(engine, SIZE);
  const window = hann(SIZE);
  const [frame, re, im] = [new Float32Array(SIZE), new Float32Array(SIZE / 2 + 1), new Float32Array(SIZE / 2 + 1)];
  const powers = ranges.map(() => new Float64Array(count));
  for (let t = 0; t < count; t += 1) {
    for (let i = 0; i < SIZE; i += 1) frame[i] = row[t * HOP + i]! * window[i]!;
    fft.forward(frame, re, im);
    ranges.forEach(([from, to], b) => {
      let sum = 0;
      for (let k = from; k < to; k += 1) sum += re[k]! ** 2 + im[k]! ** 2;
      powers[b]![t] = sum / (to - from);
    });
  }
  return powers;
}

const meanOver = (line: Float64Array, from: number, to: number): number => {
  const part = line.subarray(Math.max(0, from), to);
  return part.reduce((a, b) => a + b, 0) / part.length;
};

/**
 * @param channels responses, the direct sound taken out
 * @param lead     frame of the direct sound; what comes before is the estimate's own noise
 * @param decays   what is known about the fall, low octaves to high
 * @param isEchoes what stands out of the noise is not turned down: it may be no part of a decay
 * @returns the same from the direct sound on, as long as the decay asks for
 */
export function shapedTail(engine: Engine, channels: readonly Float32Array[], lead: number, decays: readonly BandDecay[], sampleRate: number, isEchoes = false): Float32Array[] {
  const longest = Math.max(...decays.map((d) => d.rt60Seconds));
  const frames = Math.round(Math.min(LONGEST_SECONDS, Math.max((channels[0]!.length - lead) / sampleRate, KEPT * longest)) * sampleRate);
  // Before its last window's middle a response is what was found: if too weak, it is nearer to the truth than noise.
  const endSeconds = (channels[0]!.length - lead - SIZE) / sampleRate;
  const zero = Math.max(SIZE, lead);
  const padded = frames + zero + SIZE;
  const count = Math.floor((padded - SIZE) / HOP) + 1;
  const fft = new RealFft(engine, SIZE);
  const window = hann(SIZE);
  const bins = SIZE / 2 + 1;
  const { place, ranges } = octavesOf(decays, sampleRate);
  const [frame, re, im, nre, nim] = [new Float32Array(SIZE), new Float32Array(bins), new Float32Array(bins), new Float32Array(bins), new Float32Array(bins)];
  const rows = channels.map((c) => {
    const row = new Float32Array(padded);
    row.set(c.subarray(0, Math.min(c.length, lead + frames)), zero - lead);
    return row;
  });
  const secondsOf = (t: number) => (t * HOP + SIZE / 2 - zero) / sampleRate;
  const powers = rows.map((row) => octavePowers(engine, row, ranges, count));
  const measured = powers.map((lines) => lines.map((line) => line.map((_, t) => meanOver(line, t - REACH, t + REACH + 1))));
  // Nothing sounds before its cause.
  const [first, near] = [Math.ceil((zero - lead) / HOP), Math.floor((zero - NEAR_SECONDS * sampleRate - SIZE) / HOP)];
  const floors = powers.map((lines) => lines.map((line) => (near > first ? meanOver(line, first, near) : Infinity)));
  // How the channels share an octave's energy, from what was found of it first.
  const shares = decays.map((d, b) => {
    const until = LATE_SECONDS + d.rt60Seconds / 4;
    const sums = measured.map((lines) => lines[b]!.reduce((sum, p, t) => (secondsOf(t) >= LATE_SECONDS && secondsOf(t) < until ? sum + p : sum), 1e-30));
    const total = sums.reduce((a, c) => a + c, 0);
    return sums.map((s) => s / total);
  });
  // Where less was found than powers say, the fall starts from what was found: a step would be heard, and longer.
  const found = decays.map((d, b) => {
    const until = LATE_SECONDS + Math.max(0.1, d.rt60Seconds / 5);
    let [there, said] = [0, 1e-30];
    for (let t = 0; t < count; t += 1) {
      const seconds = secondsOf(t);
      if (seconds < LATE_SECONDS || seconds > until) continue;
      for (const lines of measured) there += lines[b]![t]!;
      said += WINDOW_POWER * SIZE * ((2 * d.startPower) / sampleRate) * 10 ** ((-6 * (seconds - d.startSeconds)) / d.rt60Seconds);
    }
    return Math.min(1, there / said);
  });
  // All channels together carry what both inputs bring in.
  const expected = (b: number, c: number, seconds: number) => {
    const { startPower, startSeconds, rt60Seconds } = decays[b]!;
    return WINDOW_POWER * SIZE * found[b]! * shares[b]![c]! * ((2 * startPower) / sampleRate) * 10 ** ((-6 * (seconds - startSeconds)) / rt60Seconds);
  };
  return rows.map((row, c) => {
    const source = noise(padded, 101 + c);
    const sum = new Float32Array(padded);
    const [kept, added] = [new Float64Array(decays.length), new Float64Array(decays.length)];
    for (let t = 0; t < count; t += 1) {
      const seconds = secondsOf(t);
      decays.forEach((_, b) => {
        const there = measured[c]![b]![t]!;
        const wanted = expected(b, c, seconds);
        const most = isEchoes ? Math.max(wanted, there - floors[c]![b]!) : wanted;
        kept[b] = seconds > LATE_SECONDS && there > SWAY * wanted ? Math.sqrt(most / there) : 1;
        added[b] = Math.sqrt(seconds > endSeconds && there < wanted ? (wanted - there) / (WINDOW_POWER * SIZE) : 0);
      });
      for (let i = 0; i < SIZE; i += 1) frame[i] = row[t * HOP + i]! * window[i]!;
      fft.forward(frame, re, im);
      for (let i = 0; i < SIZE; i += 1) frame[i] = source[t * HOP + i]! * window[i]!;
      fft.forward(frame, nre, nim);
      for (let k = 0; k < bins; k += 1) {
        const [keep, add] = [between(kept, place[k]!), between(added, place[k]!)];
        re[k] = keep * re[k]! + add * nre[k]!;
        im[k] = keep * im[k]! + add * nim[k]!;
      }
      fft.inverse(re, im, frame);
      for (let i = 0; i < SIZE; i += 1) sum[t * HOP + i]! += (frame[i]! * window[i]!) / OVERLAP;
    }
    return sum.slice(zero, zero + frames);
  });
}
