/** What of the voice studio is no JSON: samples on their way up, speech on its way down. */
import type { z } from 'zod';
import { AppError, ERRORS, type ErrorCode } from '../../shared/errors.ts';
import { sampleFile } from '../../shared/api/files.ts';
import { speakBody, speechEvent, type SpeechEvent } from '../../shared/api/tts.ts';
import type { ApiClient } from './client.ts';

export type SampleFile = z.output<typeof sampleFile>;
export type SpeakRequest = z.input<typeof speakBody>;

/** @throws AppError 'speech/*', 'request/too-large', 'network/unavailable' */
export async function uploadSample(client: ApiClient, wav: Uint8Array<ArrayBuffer>, name: string, signal?: AbortSignal): Promise<SampleFile> {
  const answer = await client.fetch(`/files/upload?${new URLSearchParams({ name }).toString()}`, { method: 'POST', headers: { 'content-type': 'audio/wav' }, body: wav, signal: signal ?? null });
  const { data } = (await answer.json()) as { readonly data?: unknown };
  return sampleFile.parse(data);
}

/** Sound of a result or a voice's sample, by its address under /api. */
export async function fetchSound(client: ApiClient, address: string, signal?: AbortSignal): Promise<Blob> {
  return (await client.fetch(address.replace(/^\/api/, ''), { signal: signal ?? null })).blob();
}

/**
 * The events of one request, as they come: start, audio ..., done.
 * @throws AppError also where the stream says so or ends before 'done'
 */
export async function* speechEvents(client: ApiClient, request: SpeakRequest, signal?: AbortSignal): AsyncGenerator<Exclude<SpeechEvent, { type: 'error' }>, void, undefined> {
  const answer = await client.fetch('/tts/generate', {
    method: 'POST', headers: { 'content-type': 'application/json', accept: 'text/event-stream' }, body: JSON.stringify({ ...request, stream: true }), signal: signal ?? null,
  });
  if (!answer.body) throw new AppError('network/unavailable');
  let rest = '';
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.startsWith('data:')) continue;
        const event = speechEvent.parse(JSON.parse(line.slice(5)));
        if (event.type === 'error') throw streamError(event.error);
        yield event;
        if (event.type === 'done') return;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  throw new AppError('network/unavailable');
}

function streamError({ message, detail = {} }: Extract<SpeechEvent, { type: 'error' }>['error']): AppError {
  const { reason, ...args } = detail;
  if (typeof reason === 'string' && Object.hasOwn(ERRORS, reason)) return new AppError(reason as ErrorCode, args as Record<string, string | number>);
  return new AppError('internal', { detail: message });
}
