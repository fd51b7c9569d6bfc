/** What an uploaded sample is, told by its bytes and not by its name. */
import { AppError } from '../../shared/errors.ts';
import { SPEECH_LIMITS } from '../../shared/api/speech.ts';
import { readWav } from './wav.ts';

export interface SampleFacts {
  readonly contentType: 'audio/wav' | 'audio/mpeg';
  readonly seconds: number;
}

/** kbit/s by version and index. Source: ISO/IEC 11172-3 and 13818-3, table of layer III bit rates. */
const KBITS = {
  first: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  second: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const RATES = [44_100, 48_000, 32_000];

/** Length of a tag at the start, 0 without one. Source: ID3v2.4, section 3.1. */
function tagBytes(bytes: Uint8Array): number {
  if (bytes.length < 10 || bytes[0] !== 0x49 || bytes[1] !== 0x44 || bytes[2] !== 0x33) return 0;
  const length = bytes.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
  return 10 + length + ((bytes[5]! & 0x10) !== 0 ? 10 : 0);
}

interface Mp3Frame {
  readonly bytes: number;
  readonly seconds: number;
}

function mp3Frame(bytes: Uint8Array, at: number): Mp3Frame | null {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1]! & 0xe0) !== 0xe0) return null;
  const [version, layer] = [(bytes[at + 1]! >> 3) & 3, (bytes[at + 1]! >> 1) & 3];
  const [kbitIndex, rateIndex, padding] = [bytes[at + 2]! >> 4, (bytes[at + 2]! >> 2) & 3, (bytes[at + 2]! >> 1) & 1];
  // Layer III alone; version 1 is reserved.
  if (layer !== 1 || version === 1 || kbitIndex === 0 || kbitIndex === 15 || rateIndex === 3) return null;
  const isFirst = version === 3;
  const rate = RATES[rateIndex]! / (isFirst ? 1 : version === 2 ? 2 : 4);
  const frames = isFirst ? 1152 : 576;
  return { bytes: Math.floor((frames / 8) * 1000 * KBITS[isFirst ? 'first' : 'second'][kbitIndex]! / rate) + padding, seconds: frames / rate };
}

/** Two frames that follow one another are no accident. Null where there are none. @returns s */
function mp3Seconds(bytes: Uint8Array): number | null {
  let at = tagBytes(bytes);
  const first = mp3Frame(bytes, at);
  if (!first || (!mp3Frame(bytes, at + first.bytes) && at + first.bytes < bytes.length)) return null;
  let seconds = 0;
  for (let frame: Mp3Frame | null = first; frame; frame = mp3Frame(bytes, at)) {
    seconds += frame.seconds;
    at += frame.bytes;
  }
  return seconds;
}

/** Players and encoders count padding differently. s */
const TOLERANCE = 0.06;

/** @throws AppError 'audio/empty', 'speech/sample-type', 'speech/sample-length', 'request/too-large' */
export function sampleFacts(bytes: Uint8Array): SampleFacts {
  const { sampleSeconds: { least, most }, sampleBytes } = SPEECH_LIMITS;
  if (bytes.length === 0) throw new AppError('audio/empty');
  if (bytes.length > sampleBytes) throw new AppError('request/too-large');
  const wav = readWav(bytes);
  const seconds = wav ? wav.frames / wav.sampleRate : mp3Seconds(bytes);
  if (seconds === null) throw new AppError('speech/sample-type');
  if (seconds < least - TOLERANCE || seconds > most + TOLERANCE) throw new AppError('speech/sample-length', { seconds: Math.round(10 * seconds) / 10, least, most });
  return { contentType: wav ? 'audio/wav' : 'audio/mpeg', seconds: Math.round(1000 * seconds) / 1000 };
}
