import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { hasFfmpeg, INSTALL_FFMPEG } from '../support/find-ffmpeg.ts';
import { difference } from '../support/samples.ts';
import { floatsOf, storedBytes, storedDocuments } from './stored.ts';

/** Files are written by FFmpeg as the test runs; FFmpeg's own decoding is the yardstick. */
test.skip(!hasFfmpeg(), `FFmpeg is not installed: ${INSTALL_FFMPEG}`);

const folder = mkdtempSync(join(tmpdir(), 'tonetwin-decode-'));
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ffmpeg = (...args: string[]): Buffer => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: folder, maxBuffer: 1 << 28 });
const at = (name: string): string => join(folder, name);

/** 4 s, tones, a sweep and noise, different left and right. */
const MATERIAL = "aevalsrc='0.4*sin(2*PI*220*t)+0.2*sin(2*PI*1500*t*(1+0.1*t))|0.4*sin(2*PI*331*t)+0.1*random(1)':s=48000:d=4";

test.beforeAll(() => {
  if (hasFfmpeg()) ffmpeg('-f', 'lavfi', '-i', MATERIAL, '-c:a', 'pcm_s24le', 'source.wav');
});

const encode = (name: string, ...codec: string[]): string => {
  ffmpeg('-i', 'source.wav', ...codec, name);
  return at(name);
};

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

async function choose(page: Page, file: string): Promise<string> {
  await page.goto('/');
  await page.getByLabel('Reference', { exact: true }).setInputFiles(file);
  return sha256(file);
}

/** Chooses the file and waits until it is decoded; its facts and, where a copy was made, its samples. */
async function decoded(page: Page, file: string) {
  const id = await choose(page, file);
  await expect.poll(async () => (await storedDocuments(page, 'recordings')).find((recording) => recording.id === id)?.state.status).toBe('ready');
  const record = (await storedDocuments(page, 'recordings')).find((recording) => recording.id === id)!;
  if (record.state.status !== 'ready') throw new Error('not ready');
  const bytes = record.readAs === 'copy' ? await storedBytes(page, 'decoded', id) : null;
  return { ...record.state, readAs: record.readAs, samples: bytes && floatsOf(bytes) };
}

const yardstick = (file: string, channels: number): Float32Array => floatsOf(ffmpeg('-i', file, '-map', '0:a:0', '-ac', String(channels), '-f', 'f32le', '-'));

const FORMATS = [
  { name: 'FLAC, 24 bit', file: 'a.flac', codec: ['-c:a', 'flac', '-sample_fmt', 's32', '-bits_per_raw_sample', '24'], largest: 0, extra: 0 },
  { name: 'FLAC, 16 bit', file: 'b.flac', codec: ['-c:a', 'flac', '-sample_fmt', 's16'], largest: 0, extra: 0 },
  { name: 'MP3', file: 'a.mp3', codec: ['-c:a', 'libmp3lame', '-b:a', '192k'], largest: 1e-4, extra: 0 },
  { name: 'MP3, mono, 44.1 kHz', file: 'b.mp3', codec: ['-c:a', 'libmp3lame', '-b:a', '96k', '-ac', '1', '-ar', '44100'], largest: 1e-4, extra: 0 },
  { name: 'Ogg Vorbis', file: 'a.ogg', codec: ['-c:a', 'libvorbis', '-q:a', '5'], largest: 1e-4, extra: 0 },
  { name: 'Opus', file: 'a.opus', codec: ['-c:a', 'libopus', '-b:a', '128k'], largest: 1e-4, extra: 0 },
  { name: 'WebM with Opus', file: 'a.webm', codec: ['-c:a', 'libopus', '-b:a', '128k'], largest: 1e-4, extra: 0 },
  { name: 'WebM with Vorbis', file: 'b.webm', codec: ['-c:a', 'libvorbis'], largest: 1e-4, extra: 0 },
  { name: 'M4A with AAC', file: 'a.m4a', codec: ['-c:a', 'aac', '-b:a', '192k'], largest: 1e-4, extra: 1024 },
  { name: 'AAC without a container', file: 'a.aac', codec: ['-c:a', 'aac', '-b:a', '128k'], largest: 1e-4, extra: 1024 },
] as const;

for (const { name, file, codec, largest, extra } of FORMATS) {
  test(`${name} starts at FFmpeg's first sample and differs from it by at most ${largest}`, async ({ page }) => {
    const path = encode(file, ...codec);
    const { samples, channels, frames, notices } = await decoded(page, path);
    const wanted = yardstick(path, channels);
    expect(frames * channels - wanted.length).toBeGreaterThanOrEqual(0);
    expect(frames * channels - wanted.length).toBeLessThanOrEqual(extra * channels);
    expect(difference(samples!, wanted).largest).toBeLessThanOrEqual(largest);
    expect(notices).toEqual([]);
  });
}

for (const [name, file, codec, readAs] of [
  ['WAV', 'c.wav', 'pcm_s16le', 'wav'],
  ['AIFF', 'c.aiff', 'pcm_s24be', 'aiff'],
] as const) {
  test(`${name} is read in place, without a copy`, async ({ page }) => {
    const state = await decoded(page, encode(file, '-c:a', codec));
    expect(state).toMatchObject({ readAs, frames: 192_000, channels: 2, sampleRate: 48_000, notices: [] });
  });
}

test('a FLAC file of six channels is folded down, with a notice', async ({ page }) => {
  ffmpeg('-f', 'lavfi', '-i', 'anoisesrc=d=1:r=48000:seed=3:a=0.4', '-af', 'pan=5.1|c0=c0|c1=-0.5*c0|c2=0.3*c0|c3=c0|c4=0.2*c0|c5=0.7*c0', 'six.flac');
  const { samples, notices } = await decoded(page, at('six.flac'));
  expect(notices).toEqual([{ code: 'audio/folded-down', args: { channels: 6 } }]);
  expect(difference(samples!, yardstick(at('six.flac'), 2)).largest).toBeLessThanOrEqual(1e-6);
});

test('a file that breaks off is used as far as it goes, with a notice', async ({ page }) => {
  const path = encode('cut.flac', '-c:a', 'flac');
  truncateSync(path, Math.round(readFileSync(path).length / 2));
  const { frames, notices } = await decoded(page, path);
  expect(frames).toBeGreaterThan(48_000);
  expect(notices).toMatchObject([{ code: 'audio/truncated' }]);
});

test('what a file is, its bytes say, not its name', async ({ page }) => {
  const path = encode('opus-inside.ogg', '-c:a', 'libopus');
  writeFileSync(at('misnamed.wav'), readFileSync(path));
  expect((await decoded(page, at('misnamed.wav'))).readAs).toBe('copy');
});

test.describe('what cannot be used leaves a sentence and nothing else', () => {
  const BAD = [
    { name: 'an empty file', file: 'empty.wav', bytes: () => new Uint8Array(0), sentence: 'The file is empty' },
    { name: 'text', file: 'notes.mp3', bytes: () => new TextEncoder().encode('Dear diary, '.repeat(500)), sentence: 'This is not an audio file we can read' },
    { name: 'the head of an M4A file', file: 'half.m4a', bytes: () => readFileSync(encode('whole.m4a', '-c:a', 'aac')).subarray(0, 20_000), sentence: 'The file is damaged' },
    { name: 'a FLAC signature before noise', file: 'noise.flac', bytes: () => Uint8Array.from({ length: 5000 }, (_, i) => (i < 4 ? 'fLaC'.charCodeAt(i) : (i * 7919) & 255)), sentence: 'The file is damaged' },
  ] as const;

  for (const { name, file, bytes, sentence } of BAD) {
    test(name, async ({ page }) => {
      writeFileSync(at(file), bytes());
      await choose(page, at(file));
      await expect(page.getByRole('button', { name: 'Dismiss' })).toBeVisible();
      await expect(page.getByText(sentence)).toBeVisible();
      await expect.poll(() => storedDocuments(page, 'recordings')).toEqual([]);
      expect(await storedBytes(page, 'recordings', sha256(at(file)))).toBeNull();
    });
  }
});

test('a rare format is opened by the additional decoder, fetched only after the person agreed', async ({ page }) => {
  const path = encode('a.wma', '-c:a', 'wmav2', '-b:a', '192k');
  const fetched: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('ffmpeg-core')) fetched.push(request.url());
  });
  const id = await choose(page, path);
  const agree = page.getByRole('button', { name: 'Download and open' });
  await expect(agree.first()).toBeVisible();
  expect(fetched).toEqual([]);
  await agree.last().click();
  await expect.poll(async () => (await storedDocuments(page, 'recordings'))[0]?.state.status, { timeout: 60_000 }).toBe('ready');
  expect(fetched.length).toBeGreaterThan(0);
  const samples = floatsOf((await storedBytes(page, 'decoded', id))!);
  const wanted = yardstick(path, 2);
  expect(samples.length).toBe(wanted.length);
  expect(difference(samples, wanted).largest).toBeLessThanOrEqual(1e-4);
});
