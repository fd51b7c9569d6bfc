/** StepFun, or the emulator that behaves like it: which one is only a matter of the address. */
import type { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import type { AudioFormat, SpeechProvider } from '../contract.ts';
import type { Client } from './client.ts';
import { eventsOf } from './event-stream.ts';
import { upstreamFailure } from './failures.ts';
import * as wire from './wire.ts';

export interface StepfunParts {
  readonly client: Client;
  readonly name: 'stepfun' | 'emulator';
  readonly place: string;
  readonly region: 'com' | 'ai';
  readonly synthesiser: string | null;
  readonly formats: readonly AudioFormat[];
}

/** A clone whose outcome nobody knows is searched for in so many of the newest voices. */
const SEARCHED_PAGES = 5;
const PAGE = 100;

/** An answer that is not of the documented form is the provider's failure. */
function read<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new AppError('upstream/failed', {}, { cause: parsed.error });
}

async function whole(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}

/** Frames are two bytes: pieces are cut between them. */
async function* onFrames(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let odd = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = Buffer.concat([odd, piece]);
    const whole16 = bytes.length - (bytes.length % 2);
    odd = bytes.subarray(whole16);
    if (whole16 > 0) yield bytes.subarray(0, whole16);
  }
}

async function* soundOf(events: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const data of events) {
    if (data === '[DONE]') return;
    let event: z.output<typeof wire.streamEvent>;
    try {
      event = read(wire.streamEvent, JSON.parse(data));
    } catch (cause) {
      throw new AppError('upstream/failed', {}, { cause });
    }
    if (event.type === 'speech.audio.error') throw upstreamFailure(500, { error: event.error ?? { message: event.message } });
    if (event.type === 'speech.audio.done') return;
    if (event.type === 'speech.audio.delta' && event.audio) yield Buffer.from(event.audio, 'base64');
  }
  throw new AppError('upstream/failed', {}, { cause: 'the stream ended before it was done' });
}

export function createStepfunProvider({ client, name, place, region, synthesiser, formats }: StepfunParts): SpeechProvider {
  async function voiceOfFile(fileId: string, signal: AbortSignal): Promise<string | null> {
    let after = '';
    for (let page = 0; page < SEARCHED_PAGES; page += 1) {
      const list = read(wire.voiceList, await client.json({ method: 'GET', path: `/audio/voices?limit=${PAGE}&order=desc${after}`, again: 'always', signal }));
      const found = list.data.find(({ file_id }) => file_id === fileId);
      if (found) return found.id;
      if (!list.has_more || !list.last_id) return null;
      after = `&after=${encodeURIComponent(list.last_id)}`;
    }
    return null;
  }

  return {
    name, place, region, synthesiser, formats,
    trouble: () => client.trouble(),

    async upload({ bytes, contentType }, signal) {
      const body = new FormData();
      body.set('purpose', 'storage');
      // The person's own name of the file is nobody else's business.
      body.set('file', new Blob([bytes as Uint8Array<ArrayBuffer>], { type: contentType }), contentType === 'audio/wav' ? 'sample.wav' : 'sample.mp3');
      return read(wire.fileAnswer, await client.json({ method: 'POST', path: '/files', body, again: 'refused', signal })).id;
    },

    async deleteFile(fileId, signal) {
      await client.json({ method: 'DELETE', path: `/files/${encodeURIComponent(fileId)}`, again: 'always', signal }).catch((thrown: unknown) => {
        if (!(thrown instanceof AppError) || thrown.code !== 'upstream/not-found') throw thrown;
      });
    },

    async preview({ model, fileId, transcript, text }, signal) {
      const answer = await client.json({ method: 'POST', path: '/audio/voices/preview', body: wire.previewBody(model, fileId, transcript, text), again: 'refused', signal });
      return Buffer.from(read(wire.previewAnswer, answer).sample_audio, 'base64');
    },

    async clone({ model, fileId, transcript, wasTried }, signal) {
      const made = wasTried ? await voiceOfFile(fileId, signal) : null;
      if (made !== null) return { voice: made, duplicated: false };
      try {
        const answer = await client.json({ method: 'POST', path: '/audio/voices', body: wire.cloneBody(model, fileId, transcript), again: 'never', signal });
        const { id, duplicated = false } = read(wire.voiceAnswer, answer);
        return { voice: id, duplicated };
      } catch (thrown) {
        // It may have been made, and paid, all the same.
        if (!(thrown instanceof AppError) || (thrown.code !== 'upstream/timeout' && thrown.code !== 'upstream/failed')) throw thrown;
        const found = await voiceOfFile(fileId, signal).catch(() => null);
        if (found === null) throw thrown;
        return { voice: found, duplicated: false };
      }
    },

    async systemVoices(signal) {
      const answer = await client.json({ method: 'GET', path: `/audio/system_voices?model=${wire.SYSTEM_VOICES_OF}`, again: 'always', signal });
      return wire.systemVoicesOf(read(wire.systemVoiceList, answer));
    },

    async speak(request, signal) {
      return whole(await client.bytes({ method: 'POST', path: '/audio/speech', body: wire.speechBody(request, false), again: 'refused', signal }));
    },

    async stream(request, signal) {
      const pieces = await client.bytes({ method: 'POST', path: '/audio/speech', body: wire.speechBody(request, true), accept: 'text/event-stream', again: 'refused', signal });
      const sound = soundOf(eventsOf(pieces));
      return request.format === 'wav' || request.format === 'pcm' ? onFrames(sound) : sound;
    },
  };
}
