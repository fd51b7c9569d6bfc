/** Text to sound in the manner of a voice: the synthesiser speaks, and what it says is bent towards the voice's character. */
import { type Character, brightnessOf } from './character.ts';
import { resample } from './resample.ts';
import type { Synthesiser } from './synthesiser.ts';

export interface Speaking {
  readonly text: string;
  readonly character: Character;
  /** A voice of the synthesiser; null: told by the script of the text. */
  readonly language: string | null;
  /** Times as fast. */
  readonly speed: number;
  /** Times as loud. */
  readonly volume: number;
  /** Times as high. */
  readonly lift: number;
  /** Hz */
  readonly sampleRate: number;
}

/** The synthesiser's own median pitch in Hz by its pitch option, measured over sentences in English, Chinese and German. */
const PITCHES: readonly (readonly [option: number, hz: number])[] = [[0, 68], [20, 77], [40, 90], [50, 100], [60, 110], [80, 136], [99, 168]];
/** A man of about this pitch has the synthesiser's own length of the vocal tract. Hz */
const OWN_HZ = 110;
/**
 * How the length of the vocal tract goes with the pitch: a woman speaks an octave higher than a man, and her formants lie a sixth
 * higher. Source: G. Fant, "A note on vocal tract size factors and non-uniform F-pattern scalings", STL-QPSR 4 (1966).
 */
const FORMANTS_PER_PITCH = 0.25;
const FORMANT_RANGE = [0.85, 1.35] as const;
const WORDS_PER_MINUTE = 165;
const MOST_TILT_DB = 9;
const SPLIT_HZ = 1500;
/** Full scale the loudest sample of a sentence reaches at volume 1. */
const PEAK = 0.5;

function pitchOption(hz: number): number {
  for (let i = 1; i < PITCHES.length; i += 1) {
    const [[fromOption, fromHz], [toOption, toHz]] = [PITCHES[i - 1]!, PITCHES[i]!];
    if (hz <= toHz) return Math.max(0, fromOption + ((toOption - fromOption) * (hz - fromHz)) / (toHz - fromHz));
  }
  return 99;
}

/** Of the scripts that tell their language; Latin letters are read as English. */
export function languageOf(text: string): string {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja';
  if (/\p{Script=Han}/u.test(text)) return 'cmn';
  if (/\p{Script=Hangul}/u.test(text)) return 'ko';
  if (/\p{Script=Cyrillic}/u.test(text)) return 'ru';
  return 'en-us';
}

/** Raises what lies above 1.5 kHz by so many dB. */
function tilt(samples: Float32Array, sampleRate: number, db: number): Float32Array {
  const pole = Math.exp((-2 * Math.PI * SPLIT_HZ) / sampleRate);
  const gain = 10 ** (db / 20);
  let low = 0;
  return samples.map((sample) => {
    low = (1 - pole) * sample + pole * low;
    return low + gain * (sample - low);
  });
}

/** @returns frames at the rate asked for, full scale ±1; the same for the same input */
export async function speak(synthesiser: Synthesiser, { text, character, language, speed, volume, lift, sampleRate }: Speaking, signal: AbortSignal): Promise<Float32Array> {
  const hz = character.f0Hz * lift;
  const formants = Math.min(FORMANT_RANGE[1], Math.max(FORMANT_RANGE[0], (hz / OWN_HZ) ** FORMANTS_PER_PITCH));
  // Played faster by this factor formants, pitch and speed rise together; the last two are asked for lower before.
  const wordsPerMinute = Math.min(450, Math.max(80, (WORDS_PER_MINUTE * speed) / formants));
  const said = await synthesiser.say(text, { language: language ?? languageOf(text), pitch: pitchOption(hz / formants), wordsPerMinute }, signal);
  const bent = resample(said.samples, sampleRate / said.sampleRate / formants);
  const wanted = Math.max(-MOST_TILT_DB, Math.min(MOST_TILT_DB, character.brightnessDb - brightnessOf({ samples: bent, sampleRate })));
  const tilted = tilt(bent, sampleRate, wanted);
  const peak = tilted.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const gain = peak === 0 ? 0 : (PEAK * volume) / peak;
  return tilted.map((sample) => Math.max(-1, Math.min(1, sample * gain)));
}
