/** Measures a microphone as it comes in, column by column: the part of the meter that needs no browser. */
import { programmeLoudness } from '../../../wasm/analysis/programme-loudness.ts';
import { openEngineAtOnce } from '../../../wasm/host/engine.ts';
import { MeterGroup } from '../../../wasm/host/meters.ts';
import { COLUMN_SECONDS, type MeterOptions, type MeterReading } from './meter-messages.ts';

/** A reading is sent every 40 ms: often enough for a needle, seldom enough for a phone. */
const COLUMNS_PER_READING = 4;
/** The meter of loudness drains energies of 100 ms; momentary is over four (ITU-R BS.1770-5). */
const MOMENTARY_BLOCKS = 4;
/** Quieter than any microphone: silence. */
const QUIETEST_LUFS = -100;
/** As the engine's peak meter: one step under the largest 16-bit value. */
const CLIPPED = 0.9999;

export class MeterVoice {
  readonly #report: (reading: MeterReading) => void;
  readonly #meters: MeterGroup<'loudness'>;
  readonly #rows: readonly Float32Array[];
  readonly #energies: number[] = [];
  readonly #columnFrames: number;
  #filled = 0;
  #contextFrame = 0;
  #columns = 0;
  #min = new Float32Array(COLUMNS_PER_READING);
  #max = new Float32Array(COLUMNS_PER_READING);
  #peaks: number[];
  #clippedFrames = 0;

  /** @param sampleRate Hz */
  constructor({ engine, channels }: MeterOptions, sampleRate: number, report: (reading: MeterReading) => void) {
    this.#report = report;
    this.#columnFrames = Math.round(sampleRate * COLUMN_SECONDS);
    this.#meters = new MeterGroup(openEngineAtOnce(engine), sampleRate, ['loudness']);
    this.#rows = Array.from({ length: channels }, () => new Float32Array(this.#columnFrames));
    this.#peaks = this.#rows.map(() => 0);
  }

  /** @param input  one row per channel of the source; none while nothing is connected */
  process(contextFrame: number, input: readonly Float32Array[]): void {
    const first = input[0];
    if (!first) return;
    for (let at = 0; at < first.length; ) {
      if (this.#filled === 0 && this.#columns === 0) this.#contextFrame = contextFrame + at;
      const count = Math.min(first.length - at, this.#columnFrames - this.#filled);
      this.#rows.forEach((row, channel) => row.set((input[channel] ?? first).subarray(at, at + count), this.#filled));
      this.#filled += count;
      at += count;
      if (this.#filled === this.#columnFrames) this.#endColumn();
    }
  }

  #endColumn(): void {
    this.#filled = 0;
    const [left, right = left] = this.#rows as [Float32Array, Float32Array?];
    this.#meters.process(left, right, {
      loudness: (values) => {
        this.#energies.push(...values);
        while (this.#energies.length > MOMENTARY_BLOCKS) this.#energies.shift();
      },
    });
    let [low, high] = [0, 0];
    for (let i = 0; i < left.length; i += 1) {
      let most = 0;
      for (let channel = 0; channel < this.#rows.length; channel += 1) {
        const sample = this.#rows[channel]![i]!;
        if (sample < low) low = sample;
        if (sample > high) high = sample;
        const size = Math.abs(sample);
        if (size > most) most = size;
        if (size > this.#peaks[channel]!) this.#peaks[channel] = size;
      }
      if (most >= CLIPPED) this.#clippedFrames += 1;
    }
    this.#min[this.#columns] = low;
    this.#max[this.#columns] = high;
    this.#columns += 1;
    if (this.#columns === COLUMNS_PER_READING) this.#send();
  }

  #send(): void {
    const momentaryLufs = this.#energies.length < MOMENTARY_BLOCKS ? null : programmeLoudness(this.#energies).momentaryMaxLufs;
    this.#report({
      contextFrame: this.#contextFrame,
      min: this.#min,
      max: this.#max,
      peaks: this.#peaks,
      clippedFrames: this.#clippedFrames,
      isDigitalSilence: this.#peaks.every((peak) => peak === 0),
      momentaryLufs: momentaryLufs !== null && momentaryLufs > QUIETEST_LUFS ? momentaryLufs : null,
    });
    // What was sent belongs to its reader.
    this.#min = new Float32Array(COLUMNS_PER_READING);
    this.#max = new Float32Array(COLUMNS_PER_READING);
    this.#peaks = this.#rows.map(() => 0);
    this.#clippedFrames = 0;
    this.#columns = 0;
  }
}
