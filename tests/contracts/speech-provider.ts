/** Laws of a speech provider, whichever it is. */
import { describe, expect, test } from 'vitest';
import { medianF0 } from '../../server/speech/emulator/character.ts';
import type { SpeakRequest, SpeechProvider } from '../../server/speech/contract.ts';
import { monoOf, readWav } from '../../server/speech/wav.ts';
import { vowel } from '../support/speech.ts';

export const aRequest = (rest: Partial<SpeakRequest>): SpeakRequest => ({
  model: 'stepaudio-2.5-tts', voice: 'cixingnansheng', text: 'Hello there. How are you?', format: 'wav', sampleRate: 24_000, speed: 1, volume: 1,
  manner: { kind: 'none' }, normalization: 'standard', filtersMarkdown: false, pronunciations: [], ...rest,
});

const f0Of = (wav: Uint8Array): number => {
  const read = readWav(wav)!;
  return medianF0({ samples: monoOf(read), sampleRate: read.sampleRate })!;
};

async function allOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

/** @param models one that can clone, and takes labels */
export function speechProviderLaws(open: () => SpeechProvider): void {
  const signal = AbortSignal.timeout(60_000);
  const upload = (hz: number) => open().upload({ bytes: vowel(hz, 6), contentType: 'audio/wav' }, signal);

  describe('a speech provider', () => {
    test('makes a voice of a sample, and the same voice when it is asked again', async () => {
      const fileId = await upload(111);
      const first = await open().clone({ model: 'step-tts-2', fileId, transcript: '', wasTried: false }, signal);
      const second = await open().clone({ model: 'step-tts-2', fileId, transcript: '', wasTried: false }, signal);
      expect([first.duplicated, second]).toEqual([false, { voice: first.voice, duplicated: true }]);
    });

    test('finds the voice of a sample that was tried before instead of making another', async () => {
      const fileId = await upload(112);
      const { voice } = await open().clone({ model: 'step-tts-2', fileId, transcript: '', wasTried: false }, signal);
      expect(await open().clone({ model: 'step-tts-mini', fileId, transcript: '', wasTried: true }, signal)).toEqual({ voice, duplicated: false });
    });

    test('makes audibly different voices of different speakers: the pitch follows the sample', async () => {
      const pitches: number[] = [];
      for (const hz of [100, 180]) {
        const { voice } = await open().clone({ model: 'step-tts-2', fileId: await upload(hz), transcript: '', wasTried: false }, signal);
        pitches.push(f0Of(await open().speak(aRequest({ model: 'step-tts-2', voice, text: 'The same words by both of them.' }), signal)));
      }
      expect(pitches[1]! / pitches[0]!).toBeGreaterThan(1.4);
    });

    test('lets a sample be heard before a voice is made of it', async () => {
      const fileId = await upload(130);
      const wav = readWav(await open().preview({ model: 'stepaudio-2.5-tts', fileId, transcript: '', text: 'Listen to me.' }, signal));
      expect(wav!.frames / wav!.sampleRate).toBeGreaterThan(0.3);
    });

    test('speaks at the rate it is asked for', async () => {
      for (const sampleRate of [8000, 16_000, 22_050, 48_000]) {
        const wav = readWav(await open().speak(aRequest({ sampleRate, text: 'One word.' }), signal))!;
        expect([wav.sampleRate, wav.channels, wav.bits, wav.frames > sampleRate / 5]).toEqual([sampleRate, 1, 16, true]);
      }
    });

    test('streams the same sound in whole frames', async () => {
      const request = aRequest({ text: 'First sentence. Second sentence.' });
      const pieces = await allOf(await open().stream(request, signal));
      expect(pieces.length).toBeGreaterThan(2);
      expect(pieces.every(({ length }) => length % 2 === 0)).toBe(true);
      expect(Buffer.concat(pieces).equals(Buffer.from(readWav(await open().speak(request, signal))!.data))).toBe(true);
    });

    test('speaks twice as fast in about half the time, and louder', async () => {
      const [slow, fast] = [await open().speak(aRequest({ speed: 0.8 }), signal), await open().speak(aRequest({ speed: 1.6, volume: 2 }), signal)].map((bytes) => readWav(bytes)!);
      expect(slow!.frames / fast!.frames).toBeGreaterThan(1.5);
      const peak = (samples: Float32Array): number => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      expect(peak(monoOf(fast!)) / peak(monoOf(slow!))).toBeGreaterThan(1.7);
    });

    test('does not speak what stands in brackets, for a model that reads them', async () => {
      const [plain, told] = [await open().speak(aRequest({ text: 'Good morning' }), signal), await open().speak(aRequest({ text: '(very slowly and solemnly) Good morning' }), signal)];
      expect(Buffer.from(told).equals(Buffer.from(plain))).toBe(true);
    });

    test('knows its own voices, and what they speak with', async () => {
      const voices = await open().systemVoices(signal);
      expect(voices).toHaveLength(39);
      expect(voices.find(({ id }) => id === 'vibrant-youth')).toMatchObject({ language: 'en', models: ['stepaudio-2.5-tts', 'step-tts-2'] });
      expect(voices.find(({ id }) => id === 'wenrounansheng')).toMatchObject({ name: '温柔男声', language: 'zh-CN', tags: ['narration', 'companion', 'service', 'education', 'male'] });
    });

    test('deletes a sample, also one that is gone', async () => {
      const fileId = await upload(140);
      await open().deleteFile(fileId, signal);
      await open().deleteFile(fileId, signal);
      await expect(open().preview({ model: 'step-tts-2', fileId, transcript: '', text: 'Hello' }, signal)).rejects.toMatchObject({ code: 'upstream/invalid-request' });
    });

    test.each([
      ['a label for a model that takes instructions', { manner: { kind: 'label', label: { emotion: '高兴' } } } as const],
      ['an instruction for a model that takes labels', { model: 'step-tts-2', manner: { kind: 'instruction', instruction: 'gently' } } as const],
      ['a voice that is none', { voice: 'nobody' }],
    ])('refuses %s', async (_what, rest) => {
      await expect(open().speak(aRequest(rest), signal)).rejects.toMatchObject({ code: 'upstream/invalid-request' });
    });

    test('does not speak content that is blocked', async () => {
      await expect(open().speak(aRequest({ text: 'emulator-censorship-test' }), signal)).rejects.toMatchObject({ code: 'content/blocked' });
      await expect(open().stream(aRequest({ text: 'emulator-censorship-test' }), signal)).rejects.toMatchObject({ code: 'content/blocked' });
    });

    test('stops when it is told to', async () => {
      const stop = new AbortController();
      const speaking = open().speak(aRequest({ text: 'A long story. '.repeat(40) }), stop.signal);
      stop.abort();
      await expect(speaking).rejects.toMatchObject({ code: 'job/cancelled' });
    });
  });
}
