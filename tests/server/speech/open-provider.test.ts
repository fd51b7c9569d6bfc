import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../../server/app.ts';
import { lineOf, openProvider } from '../../../server/speech/open-provider.ts';
import { readSpeechSettings } from '../../../server/speech/settings.ts';
import { aRequest } from '../../contracts/speech-provider.ts';
import { KEY, openEmulatedProvider, vowel } from '../../support/speech.ts';
import { type ApiCaller, openApiCaller } from '../support/api-caller.ts';

const folder = mkdtempSync(join(tmpdir(), 'tonetwin-speech-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the settings', () => {
  test('are those of the Chinese region without a word from outside', () => {
    expect(readSpeechSettings({}, 'data')).toMatchObject({ key: '', baseUrl: 'https://api.stepfun.com/v1', concurrency: 4, log: 'failures', fileSecret: '', emulatorFolder: join('data', 'speech-emulator') });
  });

  test('name the other region, and the address of a plan', () => {
    for (const url of ['https://api.stepfun.ai/v1', 'https://api.stepfun.com/step_plan/v1']) expect(readSpeechSettings({ STEPFUN_BASE_URL: `${url}/` }, 'data').baseUrl).toBe(url);
  });

  test.each([
    [{ STEP_API_KEY: 'sk-secret with spaces' }, 'The configuration value STEP_API_KEY is wrong: it is no key: it has spaces or other letters than a key.'],
    [{ SPEECH_FILE_SECRET: 'short-secret' }, 'The configuration value SPEECH_FILE_SECRET is wrong: it is shorter than 16 characters.'],
    [{ STEPFUN_BASE_URL: 'ftp://x' }, 'The configuration value STEPFUN_BASE_URL is wrong: it is no address.'],
    [{ SPEECH_CONCURRENCY: '0' }, 'The configuration value SPEECH_CONCURRENCY is wrong: "0" is outside 1 to 64.'],
    [{ STEPFUN_MODELS: 'nowhere.json' }, 'The configuration value STEPFUN_MODELS is wrong: "nowhere.json" is no list of models.'],
  ])('%j are refused with a sentence, and without a secret', (environment, sentence) => {
    expect(() => readSpeechSettings(environment, 'data')).toThrow(expect.objectContaining({ message: sentence }));
  });
});

describe('who speaks', () => {
  const settings = (rest: Record<string, string>) => ({ ...readSpeechSettings(rest, folder), emulatorFolder: join(folder, 'emulator') });

  test('without a key is an emulator that says so, with a voice that lasts', async () => {
    const signal = AbortSignal.timeout(60_000);
    let voice = '';
    for (const round of [1, 2]) {
      const { provider, close } = await openProvider(settings({}), () => undefined);
      expect(provider).toMatchObject({ name: 'emulator', place: 'emulator' });
      expect(provider!.synthesiser).toContain('eSpeak NG');
      if (round === 1) voice = (await provider!.clone({ model: 'step-tts-2', fileId: await provider!.upload({ bytes: vowel(120, 6), contentType: 'audio/wav' }, signal), transcript: '', wasTried: false }, signal)).voice;
      expect((await provider!.speak(aRequest({ model: 'step-tts-2', voice, text: 'Hello' }), signal)).length).toBeGreaterThan(5000);
      await close();
    }
  });

  test('with a key is the service of its region; a key that it refuses is told to the operator once, and never shown', async () => {
    const emulated = await openEmulatedProvider({ key: 'another' });
    const lines: string[] = [];
    const { provider, close } = await openProvider(settings({ STEP_API_KEY: KEY, STEPFUN_BASE_URL: emulated.baseUrl, SPEECH_LOG: 'all' }), (line) => lines.push(line));
    try {
      expect(provider).toMatchObject({ name: 'stepfun', place: 'stepfun 127.0.0.1', region: 'com', synthesiser: null });
      for (let i = 0; i < 2; i += 1) await expect(provider!.speak(aRequest({ text: 'my secret words' }), AbortSignal.timeout(5000))).rejects.toMatchObject({ code: 'upstream/auth' });
      expect(provider!.trouble()).toBe('key');
      expect(lines).toEqual([
        expect.stringMatching(/^speech POST \/audio\/speech 401 \d+ ms, trace emulated-1$/), expect.stringContaining('does not accept STEP_API_KEY'), expect.stringMatching(/^speech POST \/audio\/speech 401 \d+ ms, trace emulated-2$/),
      ]);
      for (const secret of [KEY, 'secret']) expect(lines.join('\n')).not.toContain(secret);
    } finally {
      await close();
      await emulated.close();
    }
  });

  test('of a call one line is told, without names of files', () => {
    expect(lineOf({ method: 'DELETE', path: '/files/file-abc', status: null, ms: 7, attempt: 2, trace: null })).toBe('speech DELETE /files/file no answer 7 ms, try 2');
  });
});

describe('with neither a key nor anything that speaks', () => {
  let caller: ApiCaller;
  beforeAll(async () => {
    caller = await openApiCaller();
  }, 120_000);
  afterAll(() => caller.close());

  test('the reason is said, voices are listed, and what needs a voice is a clear failure', async () => {
    expect((await caller.call('GET', '/speech/models')).json['data']).toMatchObject({ provider: { name: 'none', status: 'unavailable', reason: 'no-synthesiser' }, models: [], default_model: null, formats: [] });
    expect((await caller.call('GET', '/voices')).json['data']).toMatchObject({ voices: [], total: 0 });
    const upload = await createApp({ pageFolder: '.', api: caller.api }).request('/api/files/upload', { method: 'POST', headers: { 'content-type': 'audio/wav' }, body: new Uint8Array(vowel(120, 6)) });
    const cookie = upload.headers.get('set-cookie')!.split(';')[0]!;
    const { data: { id } } = (await upload.json()) as { data: { id: string } };
    for (const [path, body] of [['/voices', { file_id: id, model: 'step-tts-2', name: 'Me', consent: true }], ['/voices/preview', { file_id: id, model: 'step-tts-2', sample_text: 'Hello' }]] as const) {
      expect(await caller.call('POST', path, body, { cookie })).toMatchObject({ status: 503, json: { success: false, data: null, error: { code: 'UNAVAILABLE', detail: { reason: 'speech/no-provider' } } } });
    }
  });
});
