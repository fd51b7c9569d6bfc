import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aRequest, speechProviderLaws } from '../../contracts/speech-provider.ts';
import { findSynthesiser } from '../../../server/speech/emulator/synthesiser.ts';
import { type EmulatedProvider, KEY, openEmulatedProvider, vowel } from '../../support/speech.ts';

const signal = AbortSignal.timeout(120_000);

describe('of the Chinese region, with a quick synthesiser', () => {
  let emulated: EmulatedProvider;
  beforeAll(async () => {
    emulated = await openEmulatedProvider({ name: 'stepfun' });
  });
  afterAll(() => emulated.close());
  speechProviderLaws(() => emulated.provider);
});

describe('of the international region, with the real synthesiser', () => {
  let emulated: EmulatedProvider;
  beforeAll(async () => {
    emulated = await openEmulatedProvider({ region: 'ai', synthesiser: findSynthesiser({ path: '' })!, timeoutMs: 30_000 });
  });
  afterAll(() => emulated.close());
  speechProviderLaws(() => emulated.provider);
});

describe('a failure of the provider', () => {
  let emulated: EmulatedProvider;
  beforeAll(async () => {
    emulated = await openEmulatedProvider({ timeoutMs: 1500 });
  });
  afterAll(() => emulated.close());

  const speech = 'POST /v1/audio/speech';
  const answers = (status: number, type = '', message = '') => ({ status, body: { error: { message, type } } });

  test.each([
    [400, 'request_params_invalid', 'upstream/invalid-request', 422, 1],
    [401, 'invalid_api_key', 'upstream/auth', 502, 1],
    [403, 'forbidden', 'upstream/auth', 502, 1],
    [400, 'invalid_api_key', 'upstream/auth', 502, 1],
    [402, 'insufficient_balance', 'upstream/quota', 503, 1],
    [404, 'not_found', 'upstream/not-found', 502, 1],
    [409, 'conflict', 'upstream/invalid-request', 422, 1],
    [413, 'too_large', 'upstream/invalid-request', 422, 1],
    [422, 'unprocessable', 'upstream/invalid-request', 422, 1],
    [429, 'rate_limited', 'upstream/rate-limited', 503, 3],
    [451, '', 'content/blocked', 451, 1],
    [400, 'censorship_block', 'content/blocked', 451, 1],
    [500, 'internal_error', 'upstream/failed', 502, 1],
    [502, '', 'upstream/failed', 502, 1],
    [503, 'overloaded', 'upstream/failed', 502, 3],
    [504, '', 'upstream/failed', 502, 1],
  ])('%i %s is %s, answered as %i, after %i tries', async (status, type, code, ours, tries) => {
    const { ERRORS } = await import('../../../shared/errors.ts');
    emulated.nowMs += 60_000;
    emulated.disturbances.set(speech, Array.from({ length: 5 }, () => answers(status, type, 'words of theirs')));
    emulated.calls.length = 0;
    await expect(emulated.provider.speak(aRequest({}), signal)).rejects.toMatchObject({ code });
    expect(emulated.calls).toHaveLength(tries);
    expect(ERRORS[code as 'upstream/auth'].status).toBe(ours);
    emulated.disturbances.clear();
    await emulated.provider.speak(aRequest({ text: 'It works.' }), signal);
  });

  test('that is a body which is no JSON, or of another form, is the provider’s', async () => {
    emulated.disturbances.set('GET /v1/audio/system_voices', [{ status: 200, body: { voices: 'none' } }]);
    await expect(emulated.provider.systemVoices(signal)).rejects.toMatchObject({ code: 'upstream/failed' });
  });

  test('that passes is not seen: too many requests, then an answer', async () => {
    emulated.disturbances.set(speech, [answers(429), answers(503)]);
    expect((await emulated.provider.speak(aRequest({}), signal)).length).toBeGreaterThan(44);
  });

  test('silence ends at the time limit', async () => {
    emulated.disturbances.set(speech, [{ kind: 'silence' }]);
    await expect(emulated.provider.speak(aRequest({}), signal)).rejects.toMatchObject({ code: 'upstream/timeout' });
  });

  test('a key that is refused is told to the operator, tried once, and shown until it works', async () => {
    emulated.troubles.length = 0;
    emulated.disturbances.set(speech, [answers(401, 'invalid_api_key')]);
    await expect(emulated.provider.speak(aRequest({}), signal)).rejects.toMatchObject({ code: 'upstream/auth' });
    expect([emulated.troubles, emulated.provider.trouble()]).toEqual([['key'], 'key']);
    await emulated.provider.speak(aRequest({}), signal);
    expect(emulated.provider.trouble()).toBeNull();
  });
});

describe('a paid clone', () => {
  let emulated: EmulatedProvider;
  beforeAll(async () => {
    emulated = await openEmulatedProvider({ timeoutMs: 1500 });
  });
  afterAll(() => emulated.close());
  const clones = () => emulated.calls.filter(({ method, path }) => method === 'POST' && path === '/audio/voices').length;
  const request = async (hz: number) => ({ model: 'step-tts-2', fileId: await emulated.provider.upload({ bytes: vowel(hz, 5), contentType: 'audio/wav' }, signal), transcript: '', wasTried: false });

  test('whose answer never came is looked up by its sample, and not asked for again', async () => {
    emulated.calls.length = 0;
    emulated.disturbances.set('POST /v1/audio/voices', [{ kind: 'work-then-silence' }]);
    const asked = await request(120);
    const { voice } = await emulated.provider.clone(asked, signal);
    expect([clones(), emulated.store.voices().map(({ id, fileId }) => [id, fileId])]).toEqual([1, [[voice, asked.fileId]]]);
  });

  test.each([['too many requests', 429, 'upstream/rate-limited'], ['an overloaded engine', 503, 'upstream/failed'], ['a failure', 500, 'upstream/failed']] as const)('is not asked for again after %s', async (_what, status, code) => {
    emulated.calls.length = 0;
    emulated.disturbances.set('POST /v1/audio/voices', [{ status }, { status }]);
    const before = emulated.store.voices().length;
    await expect(emulated.provider.clone(await request(150 + status / 50), signal)).rejects.toMatchObject({ code });
    expect([clones(), emulated.store.voices().length]).toEqual([1, before]);
  });

  test('that was never begun is a failure to try again from the start', async () => {
    emulated.disturbances.set('POST /v1/audio/voices', [{ kind: 'silence' }]);
    const asked = await request(190);
    await expect(emulated.provider.clone(asked, signal)).rejects.toMatchObject({ code: 'upstream/timeout' });
    emulated.disturbances.clear();
    expect(await emulated.provider.clone({ ...asked, wasTried: true }, signal)).toMatchObject({ duplicated: false });
  });
});

test('after five failures in a row the service is left alone, then one call tries', async () => {
  const emulated = await openEmulatedProvider();
  try {
    emulated.disturbances.set('POST /v1/audio/speech', Array.from({ length: 6 }, () => ({ status: 500 })));
    for (let i = 0; i < 5; i += 1) await expect(emulated.provider.speak(aRequest({}), signal)).rejects.toMatchObject({ code: 'upstream/failed' });
    expect([emulated.provider.trouble(), emulated.circuits.map(({ status }) => status)]).toEqual(['failing', ['open']]);
    await expect(emulated.provider.speak(aRequest({}), signal)).rejects.toMatchObject({ code: 'upstream/circuit-open', args: { seconds: 30 } });
    expect(emulated.calls).toHaveLength(5);
    emulated.nowMs += 30_000;
    await expect(emulated.provider.speak(aRequest({}), signal)).rejects.toMatchObject({ code: 'upstream/failed' });
    await expect(emulated.provider.speak(aRequest({}), signal)).rejects.toMatchObject({ code: 'upstream/circuit-open' });
    emulated.nowMs += 30_000;
    await emulated.provider.speak(aRequest({}), signal);
    expect([emulated.provider.trouble(), emulated.circuits.map(({ status }) => status)]).toEqual([null, ['open', 'half-open', 'open', 'half-open', 'closed']]);
  } finally {
    await emulated.close();
  }
});

test('the log of a call has neither the key nor what was said', async () => {
  const emulated = await openEmulatedProvider();
  try {
    await emulated.provider.speak(aRequest({ text: 'A secret of mine' }), signal);
    await expect(emulated.provider.speak(aRequest({ text: 'Another secret', voice: 'nobody' }), signal)).rejects.toThrow();
    const log = JSON.stringify(emulated.calls);
    expect(emulated.calls).toMatchObject([{ method: 'POST', path: '/audio/speech', status: 200, attempt: 1, trace: 'emulated-1' }, { status: 400, trace: 'emulated-2' }]);
    for (const secret of [KEY, 'secret', 'nobody']) expect(log).not.toContain(secret);
  } finally {
    await emulated.close();
  }
});

test('with another key than the emulator knows nothing is answered', async () => {
  const emulated = await openEmulatedProvider({ key: 'another' });
  try {
    await expect(emulated.provider.systemVoices(signal)).rejects.toMatchObject({ code: 'upstream/auth' });
  } finally {
    await emulated.close();
  }
});
