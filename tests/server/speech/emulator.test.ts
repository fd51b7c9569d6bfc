import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { medianF0 } from '../../../server/speech/emulator/character.ts';
import { createEmulatorApp, type EmulatorParts } from '../../../server/speech/emulator/app.ts';
import { createCoder } from '../../../server/speech/emulator/coder.ts';
import { resample } from '../../../server/speech/emulator/resample.ts';
import { serveEmulator, type RunningEmulator } from '../../../server/speech/emulator/serve-emulator.ts';
import { languageOf } from '../../../server/speech/emulator/speak.ts';
import { createEmulatorStore } from '../../../server/speech/emulator/store.ts';
import { findSynthesiser } from '../../../server/speech/emulator/synthesiser.ts';
import { buzzer, KEY, vowel } from '../../support/speech.ts';
import { monoOf, readWav } from '../../../server/speech/wav.ts';

const world = { nowMs: 1_700_000_000_000 };
const parts = (rest: Partial<EmulatorParts> = {}): EmulatorParts => ({
  synthesiser: buzzer, coder: createCoder(''), store: createEmulatorStore(null), nowMs: () => world.nowMs, key: KEY, region: 'com', latencyMs: 0, limits: { concurrent: 5, perMinute: 1000 }, ...rest,
});

function caller(rest: Partial<EmulatorParts> = {}) {
  const app = createEmulatorApp(parts(rest));
  return async (method: string, path: string, body?: unknown, key = KEY) => {
    const isForm = body instanceof FormData;
    const answer = await app.request(path, { method, headers: { authorization: `Bearer ${key}`, ...(body && !isForm ? { 'content-type': 'application/json' } : {}) }, ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}) });
    const bytes = Buffer.from(await answer.arrayBuffer());
    // What an answer holds is what the tests ask for.
    const json = (answer.headers.get('content-type') ?? '').includes('json') ? (JSON.parse(bytes.toString()) as Record<string, any>) : {};
    return { status: answer.status, headers: answer.headers, bytes, json };
  };
}

const formOf = (bytes: Uint8Array, purpose = 'storage'): FormData => {
  const form = new FormData();
  form.set('purpose', purpose);
  form.set('file', new Blob([new Uint8Array(bytes)]), 'sample.wav');
  return form;
};
const speech = { model: 'step-tts-2', voice: 'cixingnansheng', input: 'Good morning.', response_format: 'wav' };

describe('the emulator', () => {
  test('answers files as documented, and deletes them', async () => {
    const call = caller();
    const { json } = await call('POST', '/v1/files', formOf(vowel(120, 6)));
    expect(json).toMatchObject({ object: 'file', filename: 'sample.wav', purpose: 'storage', status: 'processed' });
    expect((await call('GET', '/v1/files')).json['data']).toHaveLength(1);
    expect((await call('DELETE', `/v1/files/${json['id']}`)).json).toEqual({ id: json['id'], object: 'file', deleted: true });
    expect((await call('GET', `/v1/files/${json['id']}`)).status).toBe(404);
    expect((await call('POST', '/v1/files', formOf(vowel(120, 6), 'other'))).json).toEqual({ error: { type: 'request_params_invalid', message: 'purpose is invalid' } });
  });

  test.each([[4, 400], [5, 200], [10, 200], [11, 400]])('a sample of %i s is answered with %i', async (seconds, status) => {
    const call = caller();
    const { json: { id } } = await call('POST', '/v1/files', formOf(vowel(120, seconds)));
    expect((await call('POST', '/v1/audio/voices', { model: 'step-tts-2', file_id: id })).status).toBe(status);
  });

  test('has a sample in the answer of a clone in the international region alone', async () => {
    for (const region of ['com', 'ai'] as const) {
      const call = caller({ region });
      const { json: { id } } = await call('POST', '/v1/files', formOf(vowel(120, 6)));
      const { json } = await call('POST', '/v1/audio/voices', { model: 'step-tts-2', file_id: id, sample_text: 'Hello' });
      expect([json['object'], 'duplicated' in json, 'sample_audio' in json]).toEqual(['audio.voice', false, region === 'ai']);
      expect((await call('POST', '/v1/audio/voices', { model: 'step-tts-2', file_id: id })).json).toEqual({ id: json['id'], object: 'audio.voice', duplicated: true });
    }
  });

  test('lists voices in pages', async () => {
    const call = caller();
    const ids: string[] = [];
    for (const hz of [100, 110, 120]) {
      const { json: { id } } = await call('POST', '/v1/files', formOf(vowel(hz, 5)));
      ids.push((await call('POST', '/v1/audio/voices', { model: 'step-tts-2', file_id: id })).json['id']);
    }
    const first = (await call('GET', '/v1/audio/voices?limit=2')).json;
    expect([first['data'].map(({ id }: { id: string }) => id), first['has_more'], first['last_id']]).toEqual([[ids[2], ids[1]], true, ids[1]]);
    const rest = (await call('GET', `/v1/audio/voices?limit=2&after=${first['last_id']}`)).json;
    expect([rest['data'].map(({ id }: { id: string }) => id), rest['has_more']]).toEqual([[ids[0]], false]);
    expect((await call('GET', '/v1/audio/voices?order=asc')).json['first_id']).toBe(ids[0]);
  });

  test('keeps its voices in its folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonetwin-emulator-'));
    const store = createEmulatorStore(folder);
    const { voice } = store.addVoice(store.addFile('a', new Uint8Array(3), 0)!, 'step-tts-2', { f0Hz: 100, brightnessDb: -6 }, 0);
    expect(createEmulatorStore(folder).voices()).toEqual([voice]);
    rmSync(folder, { recursive: true });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['1001 characters', { input: 'x'.repeat(1001) }, 'input exceeds 1000 characters'],
    ['subtitles without a place for them', { timestamp: true }, 'timestamp requires return_url=true or stream_format=sse'],
    ['two labels', { voice_label: { emotion: '高兴', style: '慢速' } }, 'only one of language, emotion and style can be set'],
    ['a label for a newer model', { model: 'stepaudio-2.5-tts', voice_label: { emotion: '高兴' } }, 'voice_label is not supported for v2 models'],
    ['a format without ffmpeg', { response_format: 'mp3' }, 'response_format mp3 is not available in this emulator, which has no ffmpeg'],
  ])('refuses %s in the documented words', async (_what, rest, message) => {
    expect(await caller()('POST', '/v1/audio/speech', { ...speech, ...rest })).toMatchObject({ status: 400, json: { error: { type: 'request_params_invalid', message } } });
  });

  test('answers a link for twelve hours where one is asked for', async () => {
    const call = caller();
    const { json: { data: { url, subtitles } } } = await call('POST', '/v1/audio/speech', { ...speech, return_url: true, timestamp: true });
    expect(subtitles).toMatchObject([{ text: 'Good morning.', items: [] }]);
    const path = new URL(url as string).pathname;
    expect(readWav((await call('GET', path)).bytes)).toMatchObject({ sampleRate: 24_000 });
    world.nowMs += 12 * 3600 * 1000 + 1;
    expect((await call('GET', path)).status).toBe(404);
  });

  test('says in every answer that it is one, and has a number for each', async () => {
    const call = caller();
    for (const [path, status] of [['/v1/models', 200], ['/v1/nothing', 404]] as const) {
      const answer = await call('GET', path);
      expect([answer.status, answer.headers.get('x-speech-emulator'), answer.headers.has('x-trace-id')]).toEqual([status, 'tonetwin speech emulator', true]);
    }
    expect(await call('GET', '/v1/models', undefined, 'wrong')).toMatchObject({ status: 401, json: { error: { type: 'invalid_api_key', message: 'Incorrect API key provided' } } });
  });

  test('has the limits of an account: so many calls a minute', async () => {
    const call = caller({ limits: { concurrent: 5, perMinute: 2 } });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await call('GET', '/v1/models')).status);
    world.nowMs += 60_001;
    statuses.push((await call('GET', '/v1/models')).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
  });
});

describe('over a WebSocket', () => {
  let emulator: RunningEmulator;
  beforeAll(async () => {
    emulator = await serveEmulator(parts());
  });
  afterAll(() => emulator.close());
  const open = (key: string, path = 'realtime/audio?model=step-tts-2') => new WebSocket(`${emulator.baseUrl.replace('http', 'ws')}/${path}`, { headers: { authorization: `Bearer ${key}` } });

  test('sentences are spoken as they are complete, the rest at the end', async () => {
    const socket = open(KEY);
    const events: { type: string; data: Record<string, any> }[] = [];
    socket.on('message', (raw: Buffer) => {
      const event = JSON.parse(raw.toString()) as (typeof events)[number];
      events.push(event);
      const { session_id } = event.data;
      const send = (type: string, data: object = {}) => socket.send(JSON.stringify({ type, data: { session_id, ...data } }));
      if (event.type === 'tts.connection.done') send('tts.create', { voice_id: 'cixingnansheng', response_format: 'pcm', sample_rate: 16_000 });
      if (event.type !== 'tts.response.created') return;
      send('tts.text.delta', { text: '第一句。第二' });
      send('tts.text.delta', { text: '句！没有完' });
      send('tts.text.done');
    });
    await once(socket, 'close');
    expect(events.filter(({ type }) => type === 'tts.response.sentence.start').map(({ data }) => data['text'])).toEqual(['第一句。', '第二句！', '没有完']);
    const pieces = events.filter(({ type }) => type === 'tts.response.audio.delta').map(({ data }) => Buffer.from(data['audio'] as string, 'base64'));
    expect(events.at(-1)!.type).toBe('tts.response.audio.done');
    expect(Buffer.concat(pieces).equals(Buffer.from(events.at(-1)!.data['audio'] as string, 'base64'))).toBe(true);
  });

  test('what is not understood is an error event, and the session goes on', async () => {
    const socket = open(KEY);
    const [raw] = (await once(socket, 'message')) as [Buffer];
    const { session_id } = (JSON.parse(raw.toString()) as { data: { session_id: string } }).data;
    socket.send(JSON.stringify({ type: 'tts.text.delta', data: { session_id, text: 'too early' } }));
    expect(JSON.parse(String((await once(socket, 'message'))[0]))).toMatchObject({ type: 'tts.response.error', data: { code: '400', message: 'session is not created' } });
    socket.send(JSON.stringify({ type: 'tts.create', data: { session_id, voice_id: 'cixingnansheng' } }));
    expect(JSON.parse(String((await once(socket, 'message'))[0]))).toMatchObject({ type: 'tts.response.created' });
    socket.terminate();
  });

  test.each([['wrong', undefined, 401], [KEY, 'elsewhere', 404]])('with key %s and path %s it is not opened', async (key, path, status) => {
    const socket = open(key, path);
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain(String(status));
  });
});

describe('its sound', () => {
  test('the real synthesiser speaks our languages, in a process of its own', async () => {
    const synthesiser = findSynthesiser({ path: '' })!;
    expect(synthesiser.name).toBe('eSpeak NG (espeak-ng 1.0.2)');
    for (const [text, language] of [['-x Good morning', 'en-us'], ['早上好', 'cmn']] as const) {
      expect(languageOf(text)).toBe(language);
      const { samples, sampleRate } = await synthesiser.say(text, { language, pitch: 50, wordsPerMinute: 165 }, AbortSignal.timeout(20_000));
      expect(samples.length / sampleRate).toBeGreaterThan(0.4);
      expect(medianF0({ samples, sampleRate })).toBeGreaterThan(60);
    }
  });

  test('an installed program is used where the package is not there, by its version; one that is broken is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonetwin-program-'));
    const program = join(folder, 'espeak-ng');
    try {
      expect(findSynthesiser({ usesPackage: false, path: folder })).toBeNull();
      // Speaks as the installed one does: options, the text on its input, the sound on its output.
      writeFileSync(join(folder, 'said.wav'), vowel(150, 1));
      writeFileSync(program, `#!/bin/sh\n[ "$1" = --version ] && { echo 'eSpeak NG text-to-speech: 1.51  Data at: /usr'; exit 0; }\n[ "$*" = '-v cmn -p 50 -s 165 --stdin --stdout' ] && [ "$(cat)" = '早' ] && cat '${folder}/said.wav'\n`, { mode: 0o755 });
      const synthesiser = findSynthesiser({ usesPackage: false, path: `/nowhere${delimiter}${folder}` })!;
      expect(synthesiser.name).toBe('eSpeak NG 1.51');
      const voice = { language: 'cmn', pitch: 50, wordsPerMinute: 165 };
      expect((await synthesiser.say('早', voice, AbortSignal.timeout(5000))).samples.length).toBe(16_000);
      await expect(synthesiser.say('晚', voice, AbortSignal.timeout(5000))).rejects.toThrow('ended with 1');
      writeFileSync(program, '#!/bin/sh\nexit 127\n', { mode: 0o755 });
      expect(findSynthesiser({ usesPackage: false, path: folder })).toBeNull();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('the pitch of a voice is measured to a hundredth', () => {
    for (const hz of [80, 120, 210, 330]) {
      const wav = readWav(vowel(hz, 1, 11_025))!;
      expect(Math.abs(medianF0({ samples: monoOf(wav), sampleRate: 11_025 })! / hz - 1)).toBeLessThan(0.02);
    }
    expect(medianF0({ samples: new Float32Array(11_025), sampleRate: 11_025 })).toBeNull();
  });

  test('another rate keeps a tone to -60 dB', () => {
    const tone = (rate: number) => Float32Array.from({ length: rate }, (_, i) => Math.sin((2 * Math.PI * 1000 * i) / rate));
    const [made, wanted] = [resample(tone(22_050), 24_000 / 22_050), tone(24_000)];
    let error = 0;
    for (let i = 1000; i < 23_000; i += 1) error = Math.max(error, Math.abs(made[i]! - wanted[i]!));
    expect(20 * Math.log10(error)).toBeLessThan(-60);
  });
});
