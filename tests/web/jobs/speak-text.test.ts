import { expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { createSpeechJoiner } from '../../../web/jobs/voices/join-speech.ts';
import { framesOf, type Speak, SPEECH_HZ, speakText } from '../../../web/jobs/voices/speak-text.ts';
import { speechParts } from '../../../web/jobs/voices/speech-parts.ts';
import { randomNumbers, sine } from '../../support/signals.ts';

const joined = (pieces: readonly Float32Array[]): Float32Array => {
  const all = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
};
const largestStep = (frames: Float32Array): number => frames.reduce((most, sample, i) => (i === 0 ? most : Math.max(most, Math.abs(sample - frames[i - 1]!))), 0);
const inPieces = (frames: Float32Array, seed: number): Float32Array[] => {
  const random = randomNumbers(seed);
  const pieces: Float32Array[] = [];
  for (let at = 0; at < frames.length; ) {
    const length = 1 + Math.floor(random() * 3000);
    pieces.push(frames.slice(at, at + length));
    at += length;
  }
  return pieces;
};
/** A tone between two stretches of faint noise. */
const spoken = (lead: number, tone: number, tail: number, phase = 0): Float32Array => {
  const random = randomNumbers(9);
  const noise = (seconds: number) => Float32Array.from({ length: Math.round(seconds * SPEECH_HZ) }, () => 0.002 * (random() * 2 - 1));
  return joined([noise(lead), sine(Math.round(tone * SPEECH_HZ), 220, SPEECH_HZ, 0.5, phase), noise(tail)]);
};
const join = (parts: readonly (readonly [frames: Float32Array, pause: number | null])[], seed = 1): Float32Array => {
  const joiner = createSpeechJoiner(SPEECH_HZ);
  return joined(parts.flatMap(([frames, pause]) => [...inPieces(frames, seed).map((piece) => joiner.push(piece)), joiner.end(pause)]));
};

test('parts that begin and end in the middle of a wave are joined without a step larger than their own', () => {
  const part = sine(SPEECH_HZ, 220, SPEECH_HZ, 0.5, Math.PI / 2);
  for (const pause of [0, 0.05, 0.3]) {
    const whole = join([[part, pause], [part, pause], [part, null]]);
    // The very beginning and end are the provider's own.
    expect(largestStep(whole)).toBeLessThanOrEqual(largestStep(part));
  }
});

test('the quiet at the edges gives way to the pause that was asked for', () => {
  const parts = [spoken(0.2, 1, 0.9), spoken(0.7, 1, 0.4)] as const;
  const whole = join([[parts[0], 0.35], [parts[1], null]]);
  const isLoud = (sample: number) => Math.abs(sample) > 0.01;
  const firstEnd = whole.findLastIndex((sample, i) => i < 1.5 * SPEECH_HZ && isLoud(sample));
  const nextStart = whole.findIndex((sample, i) => i > firstEnd && isLoud(sample));
  // A breath of 40 ms stays on either side.
  expect((nextStart - firstEnd) / SPEECH_HZ).toBeCloseTo(0.35 + 0.08, 2);
  expect(whole.findIndex(isLoud) / SPEECH_HZ).toBeCloseTo(0.2, 2);
  expect((whole.length - 1 - whole.findLastIndex(isLoud)) / SPEECH_HZ).toBeCloseTo(0.4, 2);
  expect(largestStep(whole)).toBeLessThanOrEqual(Math.max(...parts.map(largestStep)));
});

test('how the sound is cut on its way does not change what is heard', () => {
  const parts = [[spoken(0.1, 0.5, 0.3), 0.2], [spoken(0.3, 0.4, 0.02), 0], [spoken(0, 0.6, 0.2), null]] as const;
  const [one, other] = [join(parts, 3), join(parts, 4)];
  expect(one.length).toBe(other.length);
  expect(one.findIndex((sample, i) => sample !== other[i])).toBe(-1);
});

test('one part stays exactly as it was spoken, and a silent one between others is a pause', () => {
  const part = spoken(0.3, 0.5, 0.6);
  const alone = join([[part, null]]);
  expect(alone.length).toBe(part.length);
  expect(alone.findIndex((sample, i) => sample !== part[i])).toBe(-1);
  const silent = new Float32Array(SPEECH_HZ);
  expect(join([[part, 0.1], [silent, 0.1], [part, null]]).length).toBe(join([[part, 0.2], [part, null]]).length);
});

test('a pause is as long as what the part ends with', () => {
  const pauses = (text: string, most: number) => speechParts(text, most).map(({ pauseSeconds }) => pauseSeconds);
  expect(pauses('One is here. Two is here.', 14)).toEqual([0.35, null]);
  expect(pauses('One is here.\n\nTwo is here.', 14)).toEqual([0.65, null]);
  expect(pauses('one two, three four', 12)).toEqual([0.18, null]);
  expect(pauses('abc defg', 4)).toEqual([0.05, null]);
  expect(pauses('“你好。”他说。', 5)).toEqual([0.35, null]);
  expect(pauses('Only one.', 100)).toEqual([null]);
});

const base64 = (frames: Float32Array): string => Buffer.from(Int16Array.from(frames, (sample) => Math.round(sample * 32_767)).buffer).toString('base64');
const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const start = { type: 'start', id: ID, encoding: 'pcm_s16le', sample_rate: SPEECH_HZ, cached: false, is_emulated: true } as const;
const doneOf = (text: string) => ({ type: 'done', result: { text } }) as never;

test('frames are read as they were written', () => {
  const wanted = Float32Array.from([0, 0.5, -0.5, 0.25, -1]);
  expect(framesOf(Buffer.from(Int16Array.from(wanted, (sample) => sample * 32_768).buffer).toString('base64'))).toEqual(wanted);
});

test('parts are asked for one after another, heard as they come, and their results come in order', async () => {
  const asked: string[] = [];
  const speak: Speak = async function* ({ text, format }) {
    asked.push(`${text} ${format}`);
    yield start;
    yield { type: 'audio', audio: base64(spoken(0.1, 0.3, 0.1)) };
    yield { type: 'audio', audio: base64(spoken(0, 0.3, 0.1)) };
    yield doneOf(text);
  };
  const seen: string[] = [];
  for await (const news of speakText(speak, speechParts('One is here. Two is here.', 14), { voice_id: ID }, new AbortController().signal)) {
    if (news.type === 'part') seen.push(`part ${news.index} after ${asked.length} requests`);
    if (news.type === 'done') seen.push(news.results.map(({ text }) => text).join(' | '));
    if (news.type === 'frames' && !seen.includes('sound before the end')) seen.push('sound before the end');
  }
  expect(seen).toEqual(['part 0 after 0 requests', 'sound before the end', 'part 1 after 1 requests', 'One is here. | Two is here.']);
  expect(asked).toEqual(['One is here. wav', 'Two is here. wav']);
});

test('what fails in the middle fails the whole, after what was heard', async () => {
  const speak: Speak = async function* ({ text }) {
    yield start;
    if (text.startsWith('Two')) throw new AppError('content/blocked');
    yield { type: 'audio', audio: base64(spoken(0.1, 0.3, 0.1)) };
    yield doneOf(text);
  };
  const types: string[] = [];
  const run = async () => {
    for await (const { type } of speakText(speak, speechParts('One is here. Two is here.', 14), { voice_id: ID }, new AbortController().signal)) types.push(type);
  };
  await expect(run()).rejects.toMatchObject({ code: 'content/blocked' });
  expect(types).toContain('frames');
  expect(types).not.toContain('done');
});
