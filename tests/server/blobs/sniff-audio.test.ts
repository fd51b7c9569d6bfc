import { expect, test } from 'vitest';
import { isAudio, isAudioName } from '../../../server/blobs/sniff-audio.ts';
import { noiseBytes } from '../../support/noise-bytes.ts';

const at = (pairs: readonly (readonly [number, string | readonly number[]])[], size = 600): Uint8Array => {
  const bytes = new Uint8Array(size);
  for (const [place, what] of pairs) bytes.set(typeof what === 'string' ? Buffer.from(what, 'latin1') : what, place);
  return bytes;
};

test.each([
  ['WAV', at([[0, 'RIFF'], [8, 'WAVE']])], ['RF64', at([[0, 'RF64'], [8, 'WAVE']])], ['AIFF', at([[0, 'FORM'], [8, 'AIFC']])], ['FLAC', at([[0, 'fLaC']])], ['Ogg', at([[0, 'OggS']])],
  ['MP3 with a tag', at([[0, 'ID3'], [3, [4, 0, 0, 0, 0, 0x21, 0x76]]])], ['MP4', at([[0, [0, 0, 0, 28]], [4, 'ftypM4A ']])], ['WebM', at([[0, [0x1a, 0x45, 0xdf, 0xa3]]])], ['CAF', at([[0, 'caff']])], ['WavPack', at([[0, 'wvpk']])],
  // 128 kbit/s at 44.1 kHz: 417 bytes a frame.
  ['MP3 without a tag', at([[0, [0xff, 0xfb, 0x90, 0]], [417, [0xff, 0xfb, 0x90, 0]]])],
  // Frames of 200 bytes.
  ['AAC', at([[0, [0xff, 0xf1, 0x50, 0x80, 0x19, 0x1f, 0xfc]], [200, [0xff, 0xf1, 0x50, 0x80]]])],
])('%s is audio', (_name, bytes) => {
  expect(isAudio(bytes)).toBe(true);
});

test.each([
  ['a page', Buffer.from('<!doctype html><script>')], ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])], ['a JPEG', at([[0, [0xff, 0xd8, 0xff, 0xe0]]])], ['a program', at([[0, [0x7f, 0x45, 0x4c, 0x46]]])],
  ['an archive', at([[0, 'PK\u0003\u0004']])], ['a document', at([[0, '%PDF-1.7']])], ['another RIFF', at([[0, 'RIFF'], [8, 'AVI ']])], ['nothing', new Uint8Array(0)], ['a single frame header in noise', at([[0, [0xff, 0xfb, 0x90, 0]]])],
  ['a page that begins as a tag', Buffer.from('ID3<html><script>alert(1)</script>')], ['a page with a box in its comment', Buffer.from('<!--ftyp--><script>alert(1)</script>')], ['a page that begins as Ogg', Buffer.from('OggS<script>')],
  ['UTF-16 text', at([[0, [0xff, 0xfe, 0x41, 0]]])],
])('%s is not', (_name, bytes) => {
  expect(isAudio(bytes)).toBe(false);
});

test('what looks like nothing is not: of 2000 beginnings by chance fewer than two pass', () => {
  const passed = Array.from({ length: 2000 }, (_, seed) => isAudio(noiseBytes(4096, seed + 1))).filter(Boolean).length;
  expect(passed).toBeLessThan(2);
});

test.each([['audio/wav', 'wav', true], ['video/mp4', 'm4a', true], ['application/ogg', undefined, true], [undefined, 'flac', true], ['text/html', 'wav', false], ['image/svg+xml', undefined, false], ['audio/wav', 'html', false], ['application/zip', undefined, false]] as const)('%s with the ending %s may be given out again: %s', (type, extension, may) => {
  expect(isAudioName(type, extension)).toBe(may);
});
