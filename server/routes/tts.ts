/** Speech: made, streamed, listed, got again, deleted. */
import { streamSSE } from 'hono/streaming';
import type { SpeechEvent } from '../../shared/api/tts.ts';
import * as contract from '../../shared/api/tts.ts';
import { toAppError } from '../../shared/errors.ts';
import { countTry, type Limit } from '../auth/rate-limits.ts';
import type { OpenStudio } from '../speech/open-studio.ts';
import { CONTENT_TYPES } from '../speech/results.ts';
import type { Spoken } from '../speech/speaking.ts';
import { audioAnswer } from './audio-answer.ts';
import type { Mount } from './mount.ts';

const CALLS: Limit = { tries: 60, window: 60 };
const ENDINGS = { wav: 'wav', mp3: 'mp3', flac: 'flac', opus: 'ogg', pcm: 'pcm' } as const;

export const resultOf = ({ row, cached }: Spoken) => ({
  id: row.id, voice_id: row.voiceId, voice_name: row.voiceName, model: row.model, text: row.text, format: row.format, sample_rate: row.sampleRate,
  content_type: CONTENT_TYPES[row.format], bytes: row.bytes, seconds: row.seconds, audio_url: `/api/tts/${row.id}/audio`, cached, is_emulated: row.isEmulated,
  created_at: row.createdAt.toISOString(), expires_at: row.expiresAt.toISOString(),
});

export function mountTts(mount: Mount, studio: OpenStudio): void {
  const { owners, speaking, results, queries, nowMs, provider } = studio;

  mount.on(contract.speak, async (request) => {
    const owner = await owners.making(request);
    await countTry(queries, `speech speak ${owner.id}`, CALLS, nowMs());
    const { context, body: { stream: isStreamed, ...wish } } = request;
    if (!isStreamed) return resultOf(await speaking.speak(owner, wish));
    // Whoever leaves stops the work.
    const left = new AbortController();
    const stream = await speaking.stream(owner, wish, left.signal);
    return streamSSE(context, async (out) => {
      out.onAbort(() => left.abort());
      const send = (event: SpeechEvent): Promise<void> => out.writeSSE({ data: JSON.stringify(event) });
      try {
        await send({ type: 'start', id: stream.id, encoding: stream.format === 'wav' || stream.format === 'pcm' ? 'pcm_s16le' : stream.format, sample_rate: stream.sampleRate, cached: stream.cached, is_emulated: provider?.name === 'emulator' });
        for await (const piece of stream.pieces) await send({ type: 'audio', audio: Buffer.from(piece).toString('base64') });
        await send({ type: 'done', result: resultOf({ row: stream.result(), cached: stream.cached }) });
      } catch (thrown) {
        await send({ type: 'error', error: toAppError(thrown).toAnswer() });
      }
    });
  });

  mount.on(contract.listResults, async (request) => {
    const { voice_id: voiceId, limit, cursor } = request.query;
    const { rows, nextCursor } = await results.list(await owners.known(request), { voiceId, limit, cursor });
    return { results: rows.map((row) => resultOf({ row, cached: true })), next_cursor: nextCursor };
  });

  mount.on(contract.getResult, async (request) => resultOf({ row: await results.get(await owners.known(request), request.params.id), cached: true }));

  mount.on(contract.resultAudio, async (request) => {
    const { row, bytes } = await results.sound(await owners.known(request), request.params.id);
    return audioAnswer(request.context, { bytes, contentType: CONTENT_TYPES[row.format], fileName: `${row.voiceName ?? 'preview'}.${ENDINGS[row.format]}`, isDownload: request.query.download === '1' });
  });

  mount.on(contract.deleteResult, async (request) => {
    await results.remove(await owners.changing(request), request.params.id);
    return { id: request.params.id, deleted: true as const };
  });
}
