/** The only conversions between the units of this project. */

/** Level in dB of an amplitude ratio. */
export const gainToDb = (gain: number): number => 20 * Math.log10(gain);

/** Amplitude ratio of a level in dB. */
export const dbToGain = (db: number): number => 10 ** (db / 20);

/** Level in dB of a power ratio. */
export const powerToDb = (power: number): number => 10 * Math.log10(power);

/** Power ratio of a level in dB. */
export const dbToPower = (db: number): number => 10 ** (db / 10);

export const msToFrames = (ms: number, sampleRate: number): number => (ms * sampleRate) / 1000;

export const framesToMs = (frames: number, sampleRate: number): number => (frames * 1000) / sampleRate;

/** Musical interval between two frequencies, in semitones (12-tone equal temperament). */
export const ratioToSemitones = (ratio: number): number => 12 * Math.log2(ratio);

export const semitonesToRatio = (semitones: number): number => 2 ** (semitones / 12);

// Slaney's mel scale (Auditory Toolbox, 1998): linear to 1 kHz, logarithmic above.
const MEL_KNEE_HZ = 1000;
const MEL_PER_HZ = 3 / 200;
const MEL_LOG_STEP = Math.log(6.4) / 27;

export const hzToMel = (hz: number): number =>
  hz < MEL_KNEE_HZ ? hz * MEL_PER_HZ : 15 + Math.log(hz / MEL_KNEE_HZ) / MEL_LOG_STEP;

export const melToHz = (mel: number): number =>
  mel < 15 ? mel / MEL_PER_HZ : MEL_KNEE_HZ * Math.exp(MEL_LOG_STEP * (mel - 15));

/** Nominal 1/3-octave centres (IEC 61260-1, base 2), 25 Hz to 20 kHz; index k is 1000 * 2^((k - 16) / 3) Hz. */
export const THIRD_OCTAVE_COUNT = 30;
export const thirdOctaveHz = (k: number): number => 1000 * 2 ** ((k - 16) / 3);
