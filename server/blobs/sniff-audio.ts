/** Whether bytes begin as audio does. Only what the server can read is looked at: that nothing else is put under our address. */

/** So many are looked at. */
export const SNIFFED_BYTES = 4096;

const ascii = (bytes: Uint8Array, at: number, text: string): boolean => text.length <= bytes.length - at && [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));
const hex = (bytes: Uint8Array, at: number, ...wanted: readonly number[]): boolean => wanted.every((value, i) => bytes[at + i] === value);

/** Bytes of an MPEG audio frame by its header, or 0. Source: ISO/IEC 11172-3, 2.4.1.3, and 13818-3. */
function mpegFrameBytes(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0] = bytes.subarray(at);
  const [version, layer, rate, frequency] = [(b >> 3) & 3, (b >> 1) & 3, c >> 4, (c >> 2) & 3];
  if (a !== 0xff || (b & 0xe0) !== 0xe0 || version === 1 || layer !== 1 || rate === 0 || rate === 15 || frequency === 3) return 0;
  const isFirst = version === 3;
  const kbits = (isFirst ? [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320] : [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160])[rate]!;
  const hz = [44_100, 48_000, 32_000][frequency]! / (isFirst ? 1 : version === 2 ? 2 : 4);
  return Math.floor(((isFirst ? 144 : 72) * kbits * 1000) / hz) + ((c >> 1) & 1);
}

/** A tag of ID3v2: a version that there is, and a size of seven bits a byte. Source: ID3v2.4.0, main structure, 3.1. */
const isId3 = (bytes: Uint8Array): boolean => ascii(bytes, 0, 'ID3') && bytes.length >= 10 && bytes[3]! >= 2 && bytes[3]! <= 4 && bytes[4] !== 0xff && bytes.subarray(6, 10).every((value) => value < 0x80);

/** The first box of MP4, which holds a few names of four letters. Source: ISO/IEC 14496-12, 4.3. */
function isFileType(bytes: Uint8Array): boolean {
  if (!ascii(bytes, 4, 'ftyp')) return false;
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  return a === 0 && b === 0 && ((c << 8) | d) >= 16 && d % 4 === 0;
}

/** A second frame where the first says: two bytes alone begin many things. Source of ADTS: ISO/IEC 13818-7, 6.2. */
function isFrames(bytes: Uint8Array): boolean {
  const mpeg = mpegFrameBytes(bytes, 0);
  if (mpeg > 0) return mpeg + 3 > bytes.length || mpegFrameBytes(bytes, mpeg) > 0;
  if (!hex(bytes, 0, 0xff) || (bytes[1]! & 0xf6) !== 0xf0) return false;
  const adts = ((bytes[3]! & 3) << 11) | (bytes[4]! << 3) | (bytes[5]! >> 5);
  return adts > 7 && (adts + 2 > bytes.length || (bytes[adts] === 0xff && (bytes[adts + 1]! & 0xf6) === 0xf0));
}

/** @param bytes  the first SNIFFED_BYTES of a file, or all of it */
export function isAudio(bytes: Uint8Array): boolean {
  // WAV in its three sizes, AIFF and AIFC, CAF, AU.
  if ((ascii(bytes, 0, 'RIFF') || ascii(bytes, 0, 'RF64') || ascii(bytes, 0, 'BW64')) && ascii(bytes, 8, 'WAVE')) return true;
  if (ascii(bytes, 0, 'FORM') && (ascii(bytes, 8, 'AIFF') || ascii(bytes, 8, 'AIFC'))) return true;
  if ((ascii(bytes, 0, 'caff') && hex(bytes, 4, 0)) || (ascii(bytes, 0, '.snd') && hex(bytes, 4, 0))) return true;
  if (ascii(bytes, 0, 'fLaC') || (ascii(bytes, 0, 'OggS') && hex(bytes, 4, 0)) || isId3(bytes) || ascii(bytes, 0, 'wvpk')) return true;
  // MP4; Matroska and WebM (RFC 8794).
  if (isFileType(bytes) || hex(bytes, 0, 0x1a, 0x45, 0xdf, 0xa3)) return true;
  return bytes.length > 6 && isFrames(bytes);
}

const AUDIO_TYPE = /^(audio|video)\/|^application\/(ogg|octet-stream)$/i;
const AUDIO_EXTENSIONS: ReadonlySet<string> = new Set(['wav', 'wave', 'bwf', 'rf64', 'aif', 'aiff', 'aifc', 'flac', 'mp3', 'm4a', 'm4b', 'mp4', 'mov', 'aac', 'ogg', 'oga', 'opus', 'webm', 'weba', 'mka', 'mkv', 'caf', 'au', 'snd', 'wv']);

/** Whether something may be given out again under this type and ending: bytes that begin as audio can go on as a page. */
export const isAudioName = (contentType: string | undefined, extension: string | undefined): boolean =>
  (contentType === undefined || AUDIO_TYPE.test(contentType)) && (extension === undefined || AUDIO_EXTENSIONS.has(extension));
