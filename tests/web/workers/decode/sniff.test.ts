import { expect, test } from 'vitest';
import { byteSourceFromArray } from '../../../../wasm/formats/byte-source.ts';
import { type FileKind, sniff } from '../../../../web/workers/decode/sniff.ts';

const letters = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));
const padded = (bytes: readonly number[]): Uint8Array => Uint8Array.from([...bytes, ...new Uint8Array(1000)]);
const id3 = (size: number, then: readonly number[]): number[] => [...letters('ID3'), 4, 0, 0, 0, 0, size >> 7, size & 127, ...new Uint8Array(size), ...then];

const CASES: readonly (readonly [what: string, bytes: readonly number[], name: string, kind: FileKind])[] = [
  ['RIFF WAVE', letters('RIFF....WAVEfmt '), 'a.wav', 'wav'],
  ['RF64 WAVE', letters('RF64....WAVEds64'), 'a.wav', 'wav'],
  ['AIFF-C', letters('FORM....AIFCFVER'), 'a.mp3', 'aiff'],
  ['FLAC', letters('fLaC'), 'whatever', 'flac'],
  ['FLAC behind an ID3 tag', id3(300, letters('fLaC')), 'a.flac', 'flac'],
  ['Ogg', letters('OggS'), 'a.wav', 'ogg'],
  ['MPEG layer III', [0xff, 0xfb, 0x90, 0x44], 'a', 'mp3'],
  ['MPEG-2 layer III', [0xff, 0xf3, 0x40, 0xc4], 'a', 'mp3'],
  ['MP3 behind an ID3 tag', id3(200, [0xff, 0xfb, 0x90, 0x44]), 'a', 'mp3'],
  ['an ID3 tag before nothing known', id3(200, [1, 2, 3]), 'a', 'mp3'],
  ['MP3 behind zeros, by its name', [0, 0, 0, 0, 0xff, 0xfb, 0x90, 0x44], 'a.mp3', 'mp3'],
  ['the same without the name', [0, 0, 0, 0, 0xff, 0xfb, 0x90, 0x44], 'a.dat', 'none'],
  ['ADTS', [0xff, 0xf1, 0x50, 0x80], 'a.aac', 'adts'],
  ['MP4', [0, 0, 0, 32, ...letters('ftypM4A ')], 'a', 'mp4'],
  ['WebM', [0x1a, 0x45, 0xdf, 0xa3], 'a', 'matroska'],
  ['WMA', [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11], 'a', 'rare'],
  ['AMR', letters('#!AMR\n'), 'a', 'rare'],
  ['AVI', letters('RIFF....AVI LIST'), 'a', 'rare'],
  ['a transport stream', Array.from({ length: 752 }, (_, i) => (i % 188 === 0 ? 0x47 : 0)), 'a', 'rare'],
  ['a raw stream with an audio name', [9, 9, 9, 9], 'a.gsm', 'rare'],
  ['text', letters('Dear diary, today nothing happened.'), 'a.mp3', 'none'],
  ['a picture', [0x89, ...letters('PNG')], 'a.wav', 'none'],
  ['text that begins like a sync word', [0xff, 0xff, 0xff, 0xff], 'a', 'none'],
];

test.each(CASES)('%s', async (_what, bytes, name, kind) => {
  expect(await sniff(byteSourceFromArray(padded(bytes)), name)).toBe(kind);
});
