/**
 * What a file is, by its first bytes; never by its name alone. Signatures: the formats' own specifications, and Gary Kessler's
 * table of file signatures for the rarer ones.
 */
import type { ByteSource } from '../../../wasm/formats/byte-source.ts';
import { isAiff } from '../../../wasm/formats/aiff-reader.ts';
import { isWav } from '../../../wasm/formats/wav-reader.ts';

/** rare: audio that only the additional decoder reads. none: not audio. */
export type FileKind = 'wav' | 'aiff' | 'flac' | 'mp3' | 'ogg' | 'adts' | 'mp4' | 'matroska' | 'rare' | 'none';

const HEAD_BYTES = 4096;
const ID3_HEADER_BYTES = 10;

const bytesOf = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

interface Signature {
  readonly kind: FileKind;
  readonly at?: number;
  readonly bytes: readonly number[];
}

const SIGNATURES: readonly Signature[] = [
  { kind: 'flac', bytes: bytesOf('fLaC') },
  { kind: 'ogg', bytes: bytesOf('OggS') },
  { kind: 'mp4', at: 4, bytes: bytesOf('ftyp') },
  { kind: 'mp4', at: 4, bytes: bytesOf('moov') },
  { kind: 'mp4', at: 4, bytes: bytesOf('wide') },
  { kind: 'matroska', bytes: [0x1a, 0x45, 0xdf, 0xa3] },
  { kind: 'rare', bytes: bytesOf('caff') },
  { kind: 'rare', bytes: bytesOf('#!AMR') },
  { kind: 'rare', bytes: bytesOf('MAC ') },
  { kind: 'rare', bytes: bytesOf('wvpk') },
  { kind: 'rare', bytes: bytesOf('TTA1') },
  { kind: 'rare', bytes: bytesOf('MPCK') },
  { kind: 'rare', bytes: bytesOf('MP+') },
  { kind: 'rare', bytes: bytesOf('ajkg') },
  { kind: 'rare', bytes: bytesOf('.snd') },
  { kind: 'rare', bytes: bytesOf('DSD ') },
  { kind: 'rare', bytes: bytesOf('FRM8') },
  { kind: 'rare', bytes: bytesOf('Creative Voice') },
  { kind: 'rare', bytes: bytesOf('riff\x2e\x91\xcf\x11') },
  { kind: 'rare', bytes: bytesOf('FLV\x01') },
  { kind: 'rare', bytes: bytesOf('.RMF') },
  { kind: 'rare', at: 8, bytes: bytesOf('AVI ') },
  // ASF: WMA and WMV
  { kind: 'rare', bytes: [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11] },
  // AC-3, DTS, MPEG program stream
  { kind: 'rare', bytes: [0x0b, 0x77] },
  { kind: 'rare', bytes: [0x7f, 0xfe, 0x80, 0x01] },
  { kind: 'rare', bytes: [0x00, 0x00, 0x01, 0xba] },
];

const matches = (head: Uint8Array, { at = 0, bytes }: Signature): boolean => bytes.every((byte, i) => head[at + i] === byte);

/** A name is believed only where the bytes say nothing: raw streams without a signature. */
const AUDIO_NAME = /\.(aac|ac3|amr|ape|au|awb|caf|dff|dsf|dts|eac3|gsm|m2ts|mka|mlp|mp2|mpc|mts|ra|shn|spx|thd|ts|tta|voc|vqf|w64|wma|wv)$/i;

/** 11 bits of sync, a real layer, bit rate and sample rate (ISO/IEC 11172-3, 2.4.1.3); layer 0 is ADTS (ISO/IEC 13818-7). */
function syncKind(head: Uint8Array, at: number): FileKind | null {
  const [first = 0, second = 0, third = 0] = head.subarray(at, at + 3);
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return null;
  const layer = (second >> 1) & 3;
  if ((second & 0xf6) === 0xf0) return 'adts';
  const isReal = (second & 0x18) !== 0x08 && layer !== 0 && third >> 4 !== 15 && ((third >> 2) & 3) !== 3;
  return isReal ? 'mp3' : null;
}

/** MPEG transport stream: a sync byte every 188 bytes. */
const isTransportStream = (head: Uint8Array): boolean => [0, 188, 376, 564].every((at) => head[at] === 0x47);

/** Bytes of the ID3v2 tag at the start, header included; 0 where there is none. */
function id3Bytes(head: Uint8Array): number {
  if (String.fromCharCode(...head.subarray(0, 3)) !== 'ID3') return 0;
  const size = [6, 7, 8, 9].reduce((sum, at) => (sum << 7) | (head[at]! & 0x7f), 0);
  return ID3_HEADER_BYTES + size + (head[5]! & 0x10 ? ID3_HEADER_BYTES : 0);
}

/** @param name of the file, asked only where its bytes say nothing */
export async function sniff(source: ByteSource, name: string): Promise<FileKind> {
  const first = await source.read(0, HEAD_BYTES);
  const tagBytes = id3Bytes(first);
  const head = tagBytes > 0 ? await source.read(tagBytes, HEAD_BYTES) : first;
  if (isWav(head)) return 'wav';
  if (isAiff(head)) return 'aiff';
  const signature = SIGNATURES.find((candidate) => matches(head, candidate));
  if (signature) return signature.kind;
  if (isTransportStream(head)) return 'rare';
  const sync = syncKind(head, 0);
  if (sync) return sync;
  if (tagBytes > 0) return 'mp3';
  // Some MP3 files begin with zeros or the tail of a cut frame.
  if (/\.mp3$/i.test(name)) for (let at = 1; at < head.length - 3; at += 1) if (syncKind(head, at) === 'mp3') return 'mp3';
  return AUDIO_NAME.test(name) ? 'rare' : 'none';
}
