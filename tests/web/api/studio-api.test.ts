import { expect, test } from 'vitest';
import { errorOfAnswer } from '../../../web/api/answer-error.ts';
import type { ApiClient } from '../../../web/api/client.ts';
import { speechEvents } from '../../../web/api/studio-api.ts';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const START = { type: 'start', id: ID, encoding: 'pcm_s16le', sample_rate: 24000, cached: false, is_emulated: true };
const RESULT = {
  id: ID, voice_id: ID, voice_name: 'Ada', model: 'm', text: 'Hi', format: 'wav', sample_rate: 24000, content_type: 'audio/wav', bytes: 48, seconds: 0.1,
  audio_url: `/api/tts/${ID}/audio`, cached: false, is_emulated: true, created_at: '2026-01-01T00:00:00.000Z', expires_at: '2026-01-02T00:00:00.000Z',
};

/** A server that sends these bytes in pieces of a length. */
function clientSending(text: string, piece: number): ApiClient {
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += piece) controller.enqueue(bytes.slice(at, at + piece));
      controller.close();
    },
  });
  return { fetch: () => Promise.resolve(new Response(body)) } as unknown as ApiClient;
}

const lines = (...events: unknown[]): string => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

async function heard(client: ApiClient): Promise<string[]> {
  const types: string[] = [];
  for await (const event of speechEvents(client, { voice_id: ID, text: 'Hi' })) types.push(event.type);
  return types;
}

test('events come whole, however the network cuts them', async () => {
  const text = lines(START, { type: 'audio', audio: 'AAAA' }, { type: 'done', result: { ...RESULT, text: '你好' } });
  for (const piece of [1, 7, 64, 100_000]) expect(await heard(clientSending(text, piece))).toEqual(['start', 'audio', 'done']);
});

test('a stream that says what went wrong, or breaks off, fails', async () => {
  const blocked = { type: 'error', error: { code: 'CONTENT_BLOCKED', message: 'no', detail: { reason: 'content/blocked' } } };
  await expect(heard(clientSending(lines(START, blocked), 50))).rejects.toMatchObject({ code: 'content/blocked' });
  await expect(heard(clientSending(lines(START), 50))).rejects.toMatchObject({ code: 'network/unavailable' });
});

test('a failure in the frame of the voice studio keeps its fine code and its numbers', async () => {
  const error = { code: 'RATE_LIMITED', message: 'no more', detail: { reason: 'speech/quota', detail: 'characters', seconds: 90 } };
  const answer = new Response(JSON.stringify({ success: false, data: null, message: 'no more', error }), { status: 429 });
  expect(await errorOfAnswer(answer)).toMatchObject({ code: 'speech/quota', args: { seconds: 90 } });
});
