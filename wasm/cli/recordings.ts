/** Recordings the command line is given: WAV, AIFF and the recorder's journals are read in place, FLAC is decoded once into a temporary file. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Notice, PcmSource } from '../../shared/pcm.ts';
import { isAiff, openAiff } from '../formats/aiff-reader.ts';
import { type ByteSource, fourLetters } from '../formats/byte-source.ts';
import { isTakeJournal, openTakeJournal } from '../formats/take-journal/journal-reader.ts';
import { takePcm } from '../formats/take-journal/take-pcm.ts';
import { isWav, openWav } from '../formats/wav-reader.ts';
import type { Engine } from '../host/engine.ts';
import { decodeFlac, isFlac } from './flac.ts';
import { fileError, hashBytes, interleaved, openBytes, openRaw } from './node-files.ts';

/** Where a recording lies; can be posted to a thread, which opens it again. */
export interface RecordingPlace {
  /** As the person named it. */
  readonly name: string;
  readonly path: string;
  /** Decoded samples, where the file itself cannot be read at random. */
  readonly raw: { readonly path: string; readonly sampleRate: number; readonly channels: 1 | 2 } | null;
  /** What is known before the samples are read; reading may add to it. */
  readonly notices: readonly Notice[];
}

export type Unpacked = Pick<RecordingPlace, 'raw' | 'notices'>;
export type Unpack = (path: string, rawPath: string) => Promise<Unpacked>;

/** Formats that only the browser's decoders read here, by how their files begin. */
const OTHER_FORMATS: readonly (readonly [name: string, starts: (head: Uint8Array) => boolean])[] = [
  ['MP3', (head) => fourLetters(head, 0).startsWith('ID3') || (head[0] === 0xff && (head[1]! & 0xe6) === 0xe2)],
  ['AAC', (head) => head[0] === 0xff && (head[1]! & 0xf6) === 0xf0],
  ['MP4', (head) => fourLetters(head, 4) === 'ftyp'],
  ['Ogg', (head) => fourLetters(head, 0) === 'OggS'],
  ['WebM', (head) => head[0] === 0x1a && head[1] === 0x45 && head[2] === 0xdf && head[3] === 0xa3],
];

/** Decodes a FLAC into a file of samples. @throws AppError 'cli/file', 'audio/*' */
export async function unpackFlac(path: string, rawPath: string, engine: Engine): Promise<Unpacked> {
  const source = await openBytes(path);
  const file = await open(rawPath, 'w').catch((cause: unknown) => Promise.reject(fileError(rawPath, cause)));
  try {
    let raw: RecordingPlace['raw'] = null;
    // Frames of a FLAC hold 4 096 samples; writing them one by one costs more than decoding them.
    let waiting: Uint8Array<ArrayBuffer>[] = [];
    let waitingBytes = 0;
    const flush = async (): Promise<void> => {
      const pieces = waiting;
      [waiting, waitingBytes] = [[], 0];
      if (pieces.length > 0) await file.writev(pieces).catch((cause: unknown) => Promise.reject(fileError(rawPath, cause)));
    };
    const notices = await decodeFlac(
      source,
      engine,
      (format) => Promise.resolve(void (raw = { path: rawPath, ...format })),
      async (channels) => {
        const bytes = interleaved(channels);
        waiting.push(bytes);
        waitingBytes += bytes.length;
        if (waitingBytes > 1 << 20) await flush();
      },
    );
    await flush();
    return { raw, notices };
  } finally {
    await Promise.all([file.close(), source.close()]);
  }
}

/**
 * Finds out what a file is.
 * @param folder for decoded samples
 * @param unpack `unpackFlac`, somewhere
 * @throws AppError 'cli/file', 'audio/*'
 */
export async function placeRecording(path: string, name: string, folder: string, unpack: Unpack): Promise<RecordingPlace> {
  const source = await openBytes(path);
  try {
    if (source.bytes === 0) throw new AppError('audio/empty');
    const head = await source.read(0, 16);
    const place = { name, path, raw: null, notices: [] };
    if (isWav(head) || isAiff(head) || isTakeJournal(head)) return { ...place, notices: (await openUncompressed(source, head)).notices };
    if (await isFlac(source)) {
      const rawPath = join(folder, `${createHash('sha256').update(path).digest('hex').slice(0, 16)}.f32`);
      return { ...place, ...(await unpack(path, rawPath)) };
    }
    const other = OTHER_FORMATS.find(([, starts]) => starts(head));
    throw other ? new AppError('audio/unsupported', { detail: other[0] }) : new AppError('audio/not-audio');
  } finally {
    await source.close();
  }
}

/** SHA-256 of the file's bytes, hexadecimal. */
export async function contentHash({ path }: RecordingPlace): Promise<string> {
  const source = await openBytes(path);
  return hashBytes(source).finally(source.close);
}

export interface OpenRecording {
  readonly pcm: PcmSource;
  close(): Promise<void>;
}

/** Opens for random access; every thread for itself. */
export async function openRecording(place: RecordingPlace): Promise<OpenRecording> {
  const source = await openBytes(place.raw?.path ?? place.path);
  if (place.raw) return { pcm: openRaw(source, place.raw.sampleRate, place.raw.channels), close: source.close };
  return { pcm: await openUncompressed(source, await source.read(0, 16)), close: source.close };
}

async function openUncompressed(source: ByteSource, head: Uint8Array): Promise<PcmSource> {
  if (isTakeJournal(head)) return takePcm(await openTakeJournal(source), null);
  return isWav(head) ? openWav(source) : openAiff(source);
}
