/**
 * Streaming synthesis over a WebSocket, as documented: a session is made, text comes in pieces, sentences go out as they are complete.
 * Source: StepFun API reference, "realtime/audio".
 */
import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { Coder } from './coder.ts';
import type { Character } from './character.ts';
import { type Manner, mannerOf, MOST_INPUT, saidText, sentencesOf } from './requests.ts';
import { Refusal } from './refusal.ts';
import { speak } from './speak.ts';
import type { Synthesiser } from './synthesiser.ts';

export interface RealtimeParts {
  readonly synthesiser: Synthesiser;
  readonly coder: Coder;
  readonly model: string;
  /** @throws Refusal */
  readonly characterOfVoice: (voice: string, model: string) => Character;
  readonly nowMs: () => number;
  /** ms without a word from the client after which it is closed. */
  readonly idleMs?: number;
}

const IDLE_MS = 60_000;
const PIECE_BYTES = 9600;
/** Where a sentence is over. */
const END = /[。！？!?.\n]/;

const created = z.object({
  voice_id: z.string(), response_format: z.enum(['wav', 'mp3', 'flac', 'opus', 'pcm', 'mp3_stream', 'opus_stream', 'flac_stream']).default('mp3'),
  sample_rate: z.union([z.literal(8000), z.literal(16000), z.literal(22050), z.literal(24000), z.literal(48000)]).default(24000),
  speed_ratio: z.number().min(0.5).max(2).default(1), volume_ratio: z.number().min(0.1).max(2).default(1), mode: z.enum(['default', 'sentence']).default('default'),
  instruction: z.string().optional(), voice_label: z.object({ language: z.string().optional(), emotion: z.string().optional(), style: z.string().optional() }).optional(),
  markdown_filter: z.boolean().default(false), pronunciation_map: z.object({ tone: z.array(z.string()) }).optional(),
});
const message = z.object({ type: z.string(), data: z.looseObject({ session_id: z.string() }) });

interface Session extends z.output<typeof created> {
  readonly character: Character;
  readonly manner: Manner;
}

export function speakOver(socket: WebSocket, { synthesiser, coder, model, characterOfVoice, nowMs, idleMs = IDLE_MS }: RealtimeParts): void {
  const sessionId = randomUUID().replaceAll('-', '');
  const ended = new AbortController();
  const all: Buffer[] = [];
  let session: Session | null = null;
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  const send = (type: string, data: Readonly<Record<string, unknown>> = {}): void => void socket.send(JSON.stringify({ event_id: randomUUID().replaceAll('-', ''), type, data: { session_id: sessionId, ...data } }));
  const idle = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => socket.close(1000), idleMs);
  };

  async function say(sentence: string, { character, manner, ...options }: Session): Promise<void> {
    const about = { text: sentence, request_id: `${sessionId}-tts.${randomUUID().replaceAll('-', '')}`, timestamp: nowMs() };
    send('tts.response.sentence.start', about);
    const sound = await speak(synthesiser, { text: saidText(sentence, { ...options, model }), character, language: manner.language, speed: options.speed_ratio * manner.pace, volume: options.volume_ratio, lift: manner.lift, sampleRate: options.sample_rate }, ended.signal);
    const [format, isStream] = options.response_format.split('_') as ['wav' | 'mp3' | 'flac' | 'opus' | 'pcm', string | undefined];
    const bytes = await coder.encode(sound, options.sample_rate, format, ended.signal);
    all.push(bytes);
    // Without `_stream` each delta is a file of its own; raw frames and streams are cut.
    const step = isStream || format === 'pcm' ? PIECE_BYTES : bytes.length;
    for (let at = 0; at < bytes.length; at += step) {
      const piece = bytes.subarray(at, at + step);
      send('tts.response.audio.delta', { status: at + step >= bytes.length ? 'finished' : 'unfinished', audio: piece.toString('base64'), duration: sound.length / options.sample_rate });
    }
    send('tts.response.sentence.end', { ...about, timestamp: nowMs() });
  }

  async function sayComplete(isLast: boolean): Promise<void> {
    if (!session) return;
    let end = waiting.length;
    while (!isLast && end > 0 && !END.test(waiting[end - 1]!)) end -= 1;
    const complete = waiting.slice(0, end);
    waiting = waiting.slice(end);
    for (const sentence of sentencesOf(complete)) await say(sentence, session);
  }

  async function take(text: string): Promise<void> {
    const { type, data } = message.parse(JSON.parse(text));
    if (data.session_id !== sessionId) throw new Refusal(400, 'request_params_invalid', 'session_id is invalid');
    if (type === 'tts.create') {
      const options = created.parse(data);
      const manner = mannerOf({ model, voice_label: options.voice_label, instruction: options.instruction });
      session = { ...options, manner, character: characterOfVoice(options.voice_id, model) };
      send('tts.response.created');
      return;
    }
    if (!session) throw new Refusal(400, 'request_params_invalid', 'session is not created');
    if (type === 'tts.text.delta') {
      const piece = z.string().max(MOST_INPUT).parse(data['text']);
      waiting += piece;
      return sayComplete(false);
    }
    if (type === 'tts.text.flush') {
      send('tts.text.flushed');
      return sayComplete(true);
    }
    if (type === 'tts.text.done') {
      await sayComplete(true);
      send('tts.response.audio.done', { audio: Buffer.concat(all).toString('base64') });
      socket.close(1000);
      return;
    }
    throw new Refusal(400, 'request_params_invalid', `type ${type} is invalid`);
  }

  // One after the other, in the order they came.
  let turn = Promise.resolve();
  socket.on('message', (raw: Buffer) => {
    idle();
    turn = turn.then(() => take(raw.toString('utf8'))).catch((thrown: unknown) => {
      if (ended.signal.aborted) return;
      const refusal = thrown instanceof Refusal ? thrown : new Refusal(400, 'request_params_invalid', 'the event is invalid');
      send('tts.response.error', { code: String(refusal.status), message: refusal.message, details: { error: refusal.message } });
    });
  });
  socket.on('close', () => {
    clearTimeout(timer);
    ended.abort();
  });
  socket.on('error', () => socket.terminate());
  idle();
  send('tts.connection.done');
}
