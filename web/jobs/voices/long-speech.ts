/** A speech that was joined here out of several results: kept on the device, since the server has its parts only. */
import type { SpeechResult } from '../../../shared/api/tts.ts';
import { wavHeader } from '../../../wasm/formats/wav-writer.ts';

export interface LongSpeech {
  readonly id: string;
  readonly createdMs: number;
  readonly text: string;
  readonly voiceId: string;
  readonly voiceName: string;
  readonly model: string;
  readonly seconds: number;
  readonly isEmulated: boolean;
  /** A WAV file. */
  readonly sound: Blob;
  /** Its parts on the server; not listed beside it. */
  readonly partIds: readonly string[];
}

/** What speech comes in: enough for it, and half the room of what it is played with. */
export const int16Of = (frames: Float32Array): Int16Array<ArrayBuffer> => Int16Array.from(frames, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))));

/** @param pieces  mono frames, in order  @returns a 16-bit WAV file */
export function wavOf(pieces: readonly Int16Array<ArrayBuffer>[], sampleRate: number): Blob {
  const frames = pieces.reduce((sum, { length }) => sum + length, 0);
  return new Blob([wavHeader({ sampleRate, channels: 1, bitDepth: '16', frames }), ...pieces], { type: 'audio/wav' });
}

export function longSpeechOf({ text, results, pieces, sampleRate, nowMs, id }: {
  readonly text: string;
  readonly results: readonly SpeechResult[];
  readonly pieces: readonly Int16Array<ArrayBuffer>[];
  readonly sampleRate: number;
  readonly nowMs: number;
  readonly id: string;
}): LongSpeech {
  const [{ voice_id: voiceId, voice_name: voiceName, model, is_emulated: isEmulated }] = results as [SpeechResult];
  const seconds = pieces.reduce((sum, { length }) => sum + length, 0) / sampleRate;
  return { id, createdMs: nowMs, text, voiceId: voiceId ?? '', voiceName: voiceName ?? '', model, seconds, isEmulated, sound: wavOf(pieces, sampleRate), partIds: results.map((part) => part.id) };
}
