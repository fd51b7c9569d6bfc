/**
 * Clicks: single wrong samples, short bursts, steps and splices. With or without the clean counterpart.
 *
 * What stands out of the whitened sound is a candidate (click-screen.ts). For each, linear prediction is learnt on the 20 ms
 * on either side, and what it cannot predict is looked through for what a wrong sample leaves there, the filter's own
 * response (a matched filter): a click is a peak far over a level that is the same before and after (an attack goes on, a
 * click does not), and the only one (a pulse of a buzzing sound comes again). Alone, one that begins a stroke that comes again
 * is music (recurring-strokes.ts). With the clean counterpart, that predicts as well (counterpart-model.ts): its onsets are no
 * surprise, and fainter clicks are found. What processing makes of an onset (a drive, a limiter) grows with it: so much more
 * has a click to stand out. One that the counterpart has itself is left out. Where all this tells nothing, the result may
 * have jumped (splices.ts).
 *
 * Source: S. V. Vaseghi and P. J. W. Rayner, Detection and suppression of impulsive noise in speech communication systems,
 * IEE Proc. I 137(1), 1990; S. J. Godsill and P. J. W. Rayner, Digital Audio Restoration, Springer 1998, chapter 5.
 * Departs from it: prediction is learnt beside the candidate, not over it, and only where there is one.
 */
import type { Engine } from '../../host/engine.ts';
import { BURST_FRAMES, ClickScreen, LEAST_ALONE, LEAST_COMPARED, LEAST_LEVEL } from './click-screen.ts';
import { CounterpartModel, WIDE } from './counterpart-model.ts';
import { newsAt } from './counterpart-news.ts';
import { type Finder, type Finding, type Rows, type Stretch, windowScale } from './finding.ts';
import { addAutocorrelation, predictionError, residual } from './linear-prediction.ts';
import { type Candidate, RecurringStrokes } from './recurring-strokes.ts';
import { OTHER_DELAY_DB, SpliceJudge } from './splices.ts';

const ORDER = 32;
/** On either side of a candidate, times the scale: what belongs to it, what is learnt from. */
const OWN_FRAMES = 64;
const SIDE_FRAMES = 1024;
/** From the peak, times the scale: how far its next largest is looked for. */
const NEXT_FRAMES = 512;
/** Where the level of the error is read, frames from the peak times the scale. A click leaves it as it was: an attack does not. */
const BESIDE = [[-512, -256], [-256, -40], [40, 104], [104, 256], [256, 512]] as const;
/** The same alone, where what a burst leaves reaches as far behind it as the predictor does. */
const BESIDE_ALONE = [[-512, -256], [-256, -40], [64, 104], [104, 256], [256, 512]] as const;
/** Of these, those next to the peak. */
const NEXT_TO = [1, 4] as const;

/**
 * The peak of the matched error over its level around, times how steady that level is. Alone the level next to it counts, and
 * the quietest anywhere: an onset 5 ms away raises what is behind it, and tells nothing of the peak. Alone, from 8 on as much
 * was right in the half that limits are chosen on, but not in composed pieces beyond it.
 */
const OVER_LEVEL = 10;
/** The peak of the matched error over its next largest within 11 ms. */
const OVER_NEXT = 2;
/** Alone, what may be a stroke like those that pass these limits, and is compared with them. */
const WEAK_OVER_LEVEL = 2.5;
const WEAK_OVER_NEXT = 1.1;
/**
 * With the counterpart, over its level times how far the counterpart's own error stands out there: a drive leaves as error what
 * grows with the onset. Less counts what is small beside what the counterpart tells: where a limiter lets go of an onset, up
 * to half of it is left as error, over a level of next to nothing. Behind ordinary processing of game music (1.7 h), two sharp
 * electronic drums passed 8.
 */
const OVER_NEWS = 8;
const OF_TOLD = 0.6;
/** A click of the counterpart itself, and how much of ours it must be: an equaliser or an exciter may make more of it. */
const THEIR_OVER_LEVEL = 3;
const SAME_SHARE = 0.1;
/** Clicks closer than this are one, frames times the scale. */
const APART_FRAMES = 512;

interface Peak {
  /** Index of the largest error. */
  readonly at: number;
  readonly size: number;
  /** What one wrong sample must be to leave it, re full scale. */
  readonly sample: number;
  readonly overLevel: number;
  readonly overNext: number;
  /** The largest that the counterpart tells around it; 0 where there is none. */
  readonly told: number;
}

const clickAt = (base: number, peak: Peak): Finding => ({ kind: 'click', frame: base + peak.at, frames: 1, size: 20 * Math.log10(peak.overLevel) });

export class ClickFinder implements Finder {
  readonly #scale: number;
  readonly #screen: ClickScreen;
  readonly #error: Float32Array;
  readonly #matched: Float32Array;
  readonly #told: Float32Array;
  /** Of the filter that was matched: what a wrong sample of 1 leaves of the matched error. */
  #gain = 1;
  readonly #mono = new CounterpartModel(1, WIDE);
  readonly #stereo = new CounterpartModel(2, WIDE);
  readonly #splices: SpliceJudge;
  readonly #strokes: RecurringStrokes;
  #last: Finding | null = null;

  constructor(engine: Engine, sampleRate: number) {
    this.#scale = windowScale(sampleRate);
    this.#splices = new SpliceJudge(engine, this.#scale);
    this.#strokes = new RecurringStrokes(this.#scale);
    this.#screen = new ClickScreen(this.#scale);
    this.#error = new Float32Array(2 * SIDE_FRAMES * this.#scale);
    this.#matched = new Float32Array(2 * SIDE_FRAMES * this.#scale);
    this.#told = new Float32Array(2 * SIDE_FRAMES * this.#scale);
  }

  read(stretch: Stretch): Finding[] {
    const { result, clean, base } = stretch;
    const found: Finding[] = [];
    const alone: Candidate[] = [];
    for (const channel of result[0] === result[1] ? ([0] as const) : ([0, 1] as const)) {
      for (const candidate of this.#screen.candidates(result[channel], clean?.[channel] ?? null, stretch)) {
        // The recording's own start and end are none.
        const frame = base + candidate;
        if (frame < SIDE_FRAMES * this.#scale || frame > stretch.frames - SIDE_FRAMES * this.#scale) continue;
        if (clean) found.push(...this.#compared(result, clean, base, channel, candidate));
        else alone.push(...this.#alone(result[channel], base, candidate));
      }
    }
    if (clean) return this.#apart(found.toSorted((a, b) => a.frame - b.frame));
    return this.#apart(this.#strokes.read(alone.toSorted((a, b) => a.frame - b.frame)));
  }

  finish(): Finding[] {
    return this.#apart(this.#strokes.finish());
  }

  #compared(result: Rows, clean: Rows, base: number, channel: 0 | 1, candidate: number): Finding[] {
    const peak = this.#peak(result[channel], clean, candidate);
    const stands = peak !== null && peak.size >= LEAST_COMPARED && peak.overLevel >= OVER_LEVEL && peak.overNext >= OVER_NEXT;
    if (stands && this.#isOurs(peak, result, clean, channel, candidate)) return [clickAt(base, peak)];
    const spliceDb = this.#splices.evidenceDb(result, clean, channel, candidate);
    return spliceDb >= OTHER_DELAY_DB ? [{ kind: 'click', frame: base + candidate, frames: 1, size: spliceDb }] : [];
  }

  /** None, or one; it may be too weak to be more than something to compare others with. */
  #alone(samples: Float32Array, base: number, candidate: number): Candidate[] {
    const peak = this.#peak(samples, null, candidate);
    if (!peak || peak.overLevel < WEAK_OVER_LEVEL || peak.overNext < WEAK_OVER_NEXT) return [];
    const isClick = peak.sample >= LEAST_ALONE && peak.overLevel >= OVER_LEVEL && peak.overNext >= OVER_NEXT;
    const error = this.#strokes.errorAround(this.#error, peak.at - candidate + SIDE_FRAMES * this.#scale);
    return [{ frame: base + peak.at, strength: peak.overLevel, error, finding: isClick ? clickAt(base, peak) : null }];
  }

  /** It is more than what processing makes of the counterpart there, and no click of the counterpart's own. */
  #isOurs(peak: Peak, result: Rows, clean: Rows, channel: 0 | 1, candidate: number): boolean {
    const beside = BESIDE.map(([from, to]) => [from * this.#scale, to * this.#scale] as const);
    const news = newsAt(clean, peak.at, OWN_FRAMES * this.#scale, SIDE_FRAMES * this.#scale, beside);
    const share = Math.min(1, peak.size / (OF_TOLD * peak.told + LEAST_LEVEL));
    return share * peak.overLevel >= OVER_NEWS * news && !this.#isTheirs(result[channel], clean[channel], candidate);
  }

  /** The counterpart by itself has a peak here that is as much of a click: the model, learnt beside it, cannot know how it passes. */
  #isTheirs(result: Float32Array, clean: Float32Array, candidate: number): boolean {
    const theirs = this.#peak(clean, null, candidate);
    if (!theirs || theirs.overLevel < THEIR_OVER_LEVEL) return false;
    const mine = this.#peak(result, null, candidate);
    return mine !== null && theirs.overLevel > SAME_SHARE * mine.overLevel;
  }

  /** One finding for what both channels, or two neighbouring blocks, show. */
  #apart(found: readonly Finding[]): Finding[] {
    return found.filter((finding) => {
      const isNew = !this.#last || finding.frame - this.#last.frame > APART_FRAMES * this.#scale;
      if (isNew) this.#last = finding;
      return isNew;
    });
  }

  /** Writes what of the error, from each frame on, has the shape that a wrong sample there gives it. */
  #match(filter: Float64Array): void {
    const [error, matched] = [this.#error, this.#matched];
    const norm = Math.sqrt(filter.reduce((sum, a) => sum + a * a, 0));
    this.#gain = norm;
    for (let i = 0; i < error.length; i += 1) {
      const last = Math.min(filter.length, error.length - i);
      let sum = 0;
      for (let k = 0; k < last; k += 1) sum += filter[k]! * error[i + k]!;
      matched[i] = sum / norm;
    }
  }

  /** What cannot be told from what lies beside the candidate, and from the counterpart where there is one. */
  #innovation(samples: Float32Array, clean: Rows | null, centre: number): boolean {
    const side = SIDE_FRAMES * this.#scale;
    const own = OWN_FRAMES * this.#scale;
    if (clean) {
      const model = clean[0] === clean[1] ? this.#mono : this.#stereo;
      model.clear();
      model.learn(samples, clean, centre - side, centre - own);
      model.learn(samples, clean, centre + own, centre + side);
      if (!model.solve()) return false;
      model.error(samples, clean, centre - side, centre + side, this.#error);
      model.told(clean, centre - own, centre + own, this.#told.subarray(side - own));
      this.#match(model.predictionError());
      return true;
    }
    const correlation = new Float64Array(ORDER + 1);
    addAutocorrelation(samples, centre - side, centre - own, correlation);
    addAutocorrelation(samples, centre + own, centre + side, correlation);
    const filter = predictionError(correlation);
    if (!filter) return false;
    residual(samples, centre - side, centre + side, filter, this.#error);
    this.#match(filter);
    return true;
  }

  #peak(samples: Float32Array, clean: Rows | null, centre: number): Peak | null {
    const side = SIDE_FRAMES * this.#scale;
    const own = OWN_FRAMES * this.#scale;
    if (!this.#innovation(samples, clean, centre)) return null;
    const error = this.#matched;
    const burst = BURST_FRAMES * this.#scale;
    let [size, at] = [0, side];
    for (let i = side - burst; i <= side + burst; i += 1) {
      if (Math.abs(error[i]!) > size) [size, at] = [Math.abs(error[i]!), i];
    }
    let next = 0;
    for (let i = burst + 1; i < NEXT_FRAMES * this.#scale; i += 1) next = Math.max(next, Math.abs(error[at - i]!), Math.abs(error[at + i]!));
    const levels = (clean ? BESIDE : BESIDE_ALONE).map(([from, to]) => {
      let sum = 0;
      for (let i = at + from * this.#scale; i < at + to * this.#scale; i += 1) sum += error[i]! ** 2;
      return Math.sqrt(sum / ((to - from) * this.#scale)) + LEAST_LEVEL;
    });
    const highest = Math.max(...(clean ? levels : levels.slice(...NEXT_TO)));
    const lowest = Math.min(highest, ...levels);
    let told = 0;
    if (clean) for (let i = side - own; i < side + own; i += 1) told = Math.max(told, Math.abs(this.#told[i]!));
    return { at: centre - side + at, size, sample: size / this.#gain, told, overLevel: (size / highest) * Math.sqrt(lowest / highest), overNext: size / (next + LEAST_LEVEL) };
  }
}
