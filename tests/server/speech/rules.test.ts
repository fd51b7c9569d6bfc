import { describe, expect, test } from 'vitest';
import { ask, CLOSED, type Circuit, told } from '../../../server/speech/circuit.ts';
import { eventsOf } from '../../../server/speech/stepfun/event-stream.ts';
import { billedCharacters, mannerOf, MODELS, type Options, readModels, spokenPart } from '../../../server/speech/models.ts';
import { sampleFacts } from '../../../server/speech/sample-file.ts';
import { createTurns } from '../../../server/speech/turns.ts';
import { readWav, wavOf } from '../../../server/speech/wav.ts';
import { vowel } from '../../support/speech.ts';

const model = (id: string) => MODELS.find((one) => one.id === id)!;

describe('what a model takes', () => {
  test.each<[string, string, Omit<Options, 'text'>, unknown]>([
    ['stepaudio-2.5-tts', 'nothing', {}, { kind: 'none' }],
    ['stepaudio-2.5-tts', 'an instruction', { instruction: 'gently' }, { kind: 'instruction', instruction: 'gently' }],
    ['stepaudio-3-tts', 'a longer one', { instruction: 'x'.repeat(500) }, { kind: 'instruction', instruction: 'x'.repeat(500) }],
    ['step-tts-2', 'a style', { voice_label: { style: '磕巴' } }, { kind: 'label', label: { style: '磕巴' } }],
    ['step-tts-mini', 'an emotion', { voice_label: { emotion: '高兴' } }, { kind: 'label', label: { emotion: '高兴' } }],
  ])('%s takes %s', (id, _what, options, manner) => {
    expect(mannerOf(model(id), { text: 'Hello', ...options })).toEqual(manner);
  });

  test.each<[string, string, Omit<Options, 'text'>]>([
    ['stepaudio-2.5-tts', 'a label', { voice_label: { emotion: '高兴' } }],
    ['stepaudio-3-tts', 'a label', { voice_label: { language: '粤语' } }],
    ['stepaudio-2.5-tts', 'an instruction of 201 characters', { instruction: 'x'.repeat(201) }],
    ['stepaudio-3-tts', 'an instruction of 501 characters', { instruction: 'x'.repeat(501) }],
    ['step-tts-2', 'an instruction', { instruction: 'gently' }],
    ['step-tts-mini', 'a style of the larger model', { voice_label: { style: '磕巴' } }],
    ['step-tts-2', 'a language that is none of its labels', { voice_label: { language: '法语' } }],
  ])('%s does not take %s', (id, _what, options) => {
    expect(() => mannerOf(model(id), { text: 'Hello', ...options })).toThrow(expect.objectContaining({ code: 'speech/option' }));
  });

  test('a text that is all instruction says nothing, unless the model reads brackets aloud', () => {
    for (const text of ['(laughs)', '（冷笑）', '(a) ... （b）', '！？']) expect(() => mannerOf(model('stepaudio-3-tts'), { text })).toThrow(expect.objectContaining({ code: 'speech/nothing-to-say' }));
    expect(mannerOf(model('step-tts-2'), { text: '(laughs)' })).toEqual({ kind: 'none' });
    expect(spokenPart('（激动）今天 (softly) very good')).toBe('今天 very good');
  });

  test('characters are counted as they are billed', () => {
    expect([billedCharacters('你好'), billedCharacters('hello'), billedCharacters('你好, ab'), billedCharacters('')]).toEqual([2, 3, 4, 0]);
  });

  test('a list of models that is none is named', () => {
    expect(() => readModels('package.json')).toThrow(expect.objectContaining({ code: 'server/config' }));
  });
});

describe('the circuit', () => {
  const after = (outcomes: readonly ('success' | 'failure' | 'neither')[]): Circuit => outcomes.reduce<Circuit>((circuit, outcome) => told(circuit, outcome, 0), CLOSED);

  test('opens with the fifth failure in a row, and a success in between begins anew', () => {
    expect(after(['failure', 'failure', 'failure', 'failure'])).toEqual({ status: 'closed', failures: 4 });
    expect(after(['failure', 'failure', 'failure', 'failure', 'success', 'failure'])).toEqual({ status: 'closed', failures: 1 });
    expect(after(['failure', 'failure', 'failure', 'neither', 'failure', 'failure'])).toEqual({ status: 'open', untilMs: 30_000 });
  });

  test('lets exactly one call through when its time is over', () => {
    const open: Circuit = { status: 'open', untilMs: 30_000 };
    expect(ask(open, 29_000)).toEqual({ circuit: open, waitMs: 1000 });
    const first = ask(open, 30_000);
    expect([first.waitMs, first.circuit.status]).toEqual([0, 'half-open']);
    expect(ask(first.circuit, 30_001).waitMs).toBeGreaterThan(0);
    expect(told(first.circuit, 'success', 30_002)).toEqual(CLOSED);
    expect(told(first.circuit, 'failure', 30_002)).toEqual({ status: 'open', untilMs: 60_002 });
    expect(ask(told(first.circuit, 'neither', 30_002), 30_003).waitMs).toBe(0);
  });

  test('does not wait for ever for a call that never ends', () => {
    const { circuit } = ask({ status: 'open', untilMs: 0 }, 0);
    expect(ask(circuit, 30_000).waitMs).toBe(0);
  });
});

describe('turns', () => {
  test('so many run, the others come in order, and whoever gives up is passed over', async () => {
    const turns = createTurns(1, 2);
    const free = new AbortController().signal;
    const end = await turns.take(free);
    const giving = new AbortController();
    const order: string[] = [];
    const second = turns.take(giving.signal).catch((thrown: { code: string }) => order.push(thrown.code));
    const third = turns.take(free).then((endThird) => {
      order.push('third');
      endThird();
    });
    await expect(turns.take(free)).rejects.toMatchObject({ code: 'upstream/rate-limited' });
    giving.abort();
    await second;
    end();
    end();
    await third;
    expect([order, turns.running()]).toEqual([['job/cancelled', 'third'], 0]);
  });
});

describe('a sample', () => {
  /** Frames of MPEG-1 layer III, 128 kbit/s at 44.1 kHz, with silence in them; tag and padding as encoders write. */
  function mp3(seconds: number): Buffer {
    const tag = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 10, ...new Uint8Array(10)]);
    const frame = Buffer.alloc(417);
    frame.set([0xff, 0xfb, 0x90, 0x64]);
    return Buffer.concat([tag, ...Array.from({ length: Math.round((seconds * 44_100) / 1152) }, () => frame)]);
  }

  test('is told by its bytes, and as long as its frames', () => {
    expect(sampleFacts(vowel(120, 7.25))).toEqual({ contentType: 'audio/wav', seconds: 7.25 });
    const facts = sampleFacts(mp3(8));
    expect([facts.contentType, Math.abs(facts.seconds - 8) < 0.02]).toEqual(['audio/mpeg', true]);
  });

  test.each<[string, () => Uint8Array, string]>([
    ['nothing', () => new Uint8Array(0), 'audio/empty'],
    ['4.5 s', () => vowel(120, 4.5), 'speech/sample-length'],
    ['11 s', () => vowel(120, 11), 'speech/sample-length'],
    ['an MP3 of 3 s', () => mp3(3), 'speech/sample-length'],
    ['text', () => Buffer.from('no sound at all, but long enough to look at'), 'speech/sample-type'],
    ['one MP3 frame by accident', () => Buffer.concat([mp3(0.027).subarray(0, 437), Buffer.alloc(500, 7)]), 'speech/sample-type'],
    ['a WAV without a format', () => Buffer.from('RIFF\x04\0\0\0WAVEdata\x04\0\0\0abcd', 'latin1'), 'speech/sample-type'],
    ['11 MB', () => wavOf(Buffer.alloc(11 * 1024 * 1024), 48_000), 'request/too-large'],
  ])('of %s is refused', (_what, bytes, code) => {
    expect(() => sampleFacts(bytes())).toThrow(expect.objectContaining({ code }));
  });

  test('a WAV file comes back as it was written, and one that was cut off ends where it ends', () => {
    const pcm = Buffer.from([1, 0, 2, 0, 3, 0]);
    expect(readWav(wavOf(pcm, 8000))).toMatchObject({ encoding: 1, channels: 1, sampleRate: 8000, bits: 16, frames: 3 });
    expect(readWav(wavOf(pcm, 8000).subarray(0, 47))).toMatchObject({ frames: 1 });
  });
});

test('events come whole, however their bytes are cut', async () => {
  const text = ': comment\ndata: {"a":1}\n\ndata:one\r\ndata: two\r\n\r\nid: 7\ndata: 你好\n\ndata: last';
  const bytes = Buffer.from(text);
  for (const step of [1, 2, 3, 7, 100]) {
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
    };
    const events: string[] = [];
    for await (const event of eventsOf(chunks())) events.push(event);
    expect(events).toEqual(['{"a":1}', 'one\ntwo', '你好', 'last']);
  }
});
