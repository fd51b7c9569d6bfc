/**
 * The sealed file: what a file of the vault looks like to those who have no key. Described in README.md beside this file.
 *
 * Source: the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
 * Misuse-Resistance" (CRYPTO 2015), with the nonce of age (https://age-encryption.org/v1, "Payload"). Departs from age: AES-256-GCM
 * (RFC 5116), which WebCrypto has, in place of ChaCha20-Poly1305; the header is associated data of every chunk; the length of a chunk
 * is in the header.
 */
import { AppError } from '../../shared/errors.ts';

export const HEADER_BYTES = 32;
export const TAG_BYTES = 16;
export const SALT_BYTES = 16;
const SALT_AT = HEADER_BYTES - SALT_BYTES;

/** 256 KiB of plaintext: a tenth of a per mille is added, and a place to play from costs one chunk. */
export const CHUNK_LOG2 = 18;
const LEAST_CHUNK_LOG2 = 6;
const MOST_CHUNK_LOG2 = 24;

/** "TTVF", then the version. */
const MAGIC = [0x54, 0x54, 0x56, 0x46];
const VERSION = 1;

/** A nonce counts with 32 bits. */
const MOST_CHUNKS = 2 ** 32;
const NONCE_BYTES = 12;

export interface SealedHeader {
  /** Plaintext bytes per chunk, as a power of two. */
  readonly chunkLog2: number;
  /** 16 random bytes. */
  readonly salt: Uint8Array<ArrayBuffer>;
}

/** 32 bytes: magic (4), version (1), chunkLog2 (1), zeros (10), salt (16). */
export function writeHeader({ chunkLog2, salt }: SealedHeader): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(HEADER_BYTES);
  header.set([...MAGIC, VERSION, chunkLog2]);
  header.set(salt, SALT_AT);
  return header;
}

/** @throws AppError 'vault/newer' for a version to come, 'vault/damaged' where it is no header at all */
export function readHeader(bytes: Uint8Array): SealedHeader {
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) throw new AppError('vault/damaged');
  if (bytes[4] !== VERSION) throw new AppError('vault/newer');
  const chunkLog2 = bytes[5]!;
  if (chunkLog2 < LEAST_CHUNK_LOG2 || chunkLog2 > MOST_CHUNK_LOG2 || bytes.subarray(6, SALT_AT).some((byte) => byte !== 0)) throw new AppError('vault/damaged');
  return { chunkLog2, salt: new Uint8Array(bytes.slice(SALT_AT, HEADER_BYTES)) };
}

/** 12 bytes: the chunk's number, big-endian in 11 bytes, and 1 in the last byte for the last chunk. Never twice under one key. */
export function nonceOf(index: number, isLast: boolean): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(NONCE_BYTES);
  new DataView(nonce.buffer).setUint32(NONCE_BYTES - 5, index);
  nonce[NONCE_BYTES - 1] = isLast ? 1 : 0;
  return nonce;
}

/** An empty file is one empty chunk. */
export const chunkCountOf = (plainBytes: number, chunkLog2: number): number => Math.max(1, Math.ceil(plainBytes / 2 ** chunkLog2));

/** Bytes of the sealed file. @throws AppError 'vault/too-large' beyond what the nonce can count */
export function sealedBytesOf(plainBytes: number, chunkLog2: number): number {
  const chunks = chunkCountOf(plainBytes, chunkLog2);
  if (chunks > MOST_CHUNKS) throw new AppError('vault/too-large');
  return HEADER_BYTES + plainBytes + TAG_BYTES * chunks;
}

/** The other way round. @throws AppError 'vault/damaged' where no file has this length */
export function plainBytesOf(sealedBytes: number, chunkLog2: number): number {
  const chunks = Math.max(1, Math.ceil((sealedBytes - HEADER_BYTES) / (2 ** chunkLog2 + TAG_BYTES)));
  const plain = sealedBytes - HEADER_BYTES - TAG_BYTES * chunks;
  if (plain < 0 || chunks > MOST_CHUNKS || chunkCountOf(plain, chunkLog2) !== chunks) throw new AppError('vault/damaged');
  return plain;
}

/**
 * Sealed bytes that can be written of a file that still grows: header and every chunk that has something behind it. Whether a chunk
 * is the last is part of its nonce, so one that may be the last has to wait.
 */
export const settledBytesOf = (plainBytes: number, chunkLog2: number): number =>
  HEADER_BYTES + Math.max(0, Math.ceil(plainBytes / 2 ** chunkLog2) - 1) * (2 ** chunkLog2 + TAG_BYTES);
