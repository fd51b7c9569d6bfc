/**
 * Sealing to a public key: HPKE (RFC 9180), single messages, with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM.
 * Modes Base (to whoever has the private key) and PSK (and both know a secret, which also tells the reader who wrote).
 * Departs from it: nothing; what of it is not needed here is left out. The tests hold it to the vectors of the RFC.
 */
import { AppError } from '../../shared/errors.ts';
import { utf8 } from './base64url.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const KEM_ID = 0x0010;
const KDF_ID = 0x0001;
/** AES-GCM by the length of its key. */
const AEAD_IDS = { 128: 0x0001, 256: 0x0002 } as const;
const HASH_BYTES = 32;
const NONCE_BYTES = 12;
/** An uncompressed point. */
export const PUBLIC_KEY_BYTES = 65;
const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const;

const two = (number: number): number[] => [number >> 8, number & 0xff];
const joined = (...parts: readonly ArrayLike<number>[]): Bytes => {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
};
const KEM_SUITE = joined(utf8('KEM'), two(KEM_ID));
const VERSION = utf8('HPKE-v1');
const EMPTY = new Uint8Array(0);

async function hmac(key: Bytes, data: Bytes): Promise<Bytes> {
  // WebCrypto takes no empty key; a key of zeros is the same one (RFC 2104).
  const imported = await crypto.subtle.importKey('raw', key.length === 0 ? new Uint8Array(HASH_BYTES) : key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data));
}

const extract = (suite: Bytes, salt: Bytes, label: string, secret: Bytes): Promise<Bytes> => hmac(salt, joined(VERSION, suite, utf8(label), secret));

/** At most one block of the hash, which is all that these lengths ask for. */
const expand = async (suite: Bytes, key: Bytes, label: string, info: Bytes, bytes: number): Promise<Bytes> =>
  (await hmac(key, joined(two(bytes), VERSION, suite, utf8(label), info, [1]))).slice(0, bytes);

export interface Psk {
  /** 32 bytes at least. */
  readonly secret: Bytes;
  readonly id: Bytes;
}

export interface Context {
  /** Both sides say what it is about. */
  readonly info: Bytes;
  readonly aad?: Bytes;
  readonly psk?: Psk;
  /** 256 by default; the RFC's vectors for this curve have 128. */
  readonly keyBits?: keyof typeof AEAD_IDS;
}

/** Diffie and Hellman's secret, bound to the keys it came from. RFC 9180, section 4.1. */
async function sharedSecret(own: CryptoKey, other: Bytes, sent: Bytes, recipient: Bytes): Promise<Bytes> {
  const point = await crypto.subtle.importKey('raw', other, CURVE, false, []);
  const dh = new Uint8Array(await crypto.subtle.deriveBits({ name: 'ECDH', public: point }, own, 8 * HASH_BYTES));
  const prk = await extract(KEM_SUITE, EMPTY, 'eae_prk', dh);
  return expand(KEM_SUITE, prk, 'shared_secret', joined(sent, recipient), HASH_BYTES);
}

/** RFC 9180, section 5.1. The first message of a context has the base nonce. */
async function schedule(shared: Bytes, { info, psk, keyBits = 256 }: Context): Promise<{ readonly key: CryptoKey; readonly iv: Bytes }> {
  const suite = joined(utf8('HPKE'), two(KEM_ID), two(KDF_ID), two(AEAD_IDS[keyBits]));
  const mode = psk ? 1 : 0;
  const pskIdHash = await extract(suite, EMPTY, 'psk_id_hash', psk?.id ?? EMPTY);
  const infoHash = await extract(suite, EMPTY, 'info_hash', info);
  const context = joined([mode], pskIdHash, infoHash);
  const secret = await extract(suite, shared, 'secret', psk?.secret ?? EMPTY);
  const raw = await expand(suite, secret, 'key', context, keyBits / 8);
  const iv = await expand(suite, secret, 'base_nonce', context, NONCE_BYTES);
  return { key: await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']), iv };
}

export interface BoxKeys {
  /** 65 bytes. */
  readonly publicKey: Bytes;
  readonly privateKey: CryptoKey;
}

export const rawPublicKey = async (key: CryptoKey): Promise<Bytes> => new Uint8Array(await crypto.subtle.exportKey('raw', key));

/** @param extractable where the private key is to be kept, sealed, elsewhere too */
export async function newBoxKeys(extractable = false): Promise<BoxKeys> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(CURVE, extractable, ['deriveBits']);
  return { publicKey: await rawPublicKey(publicKey), privateKey };
}

/**
 * Seals one message to the holder of a private key.
 * @param ephemeral  for the vectors; fresh otherwise, and never used again
 * @returns the ephemeral public key (65 bytes), then the sealed message (16 bytes longer than the message)
 * @throws AppError 'vault/damaged' where `to` is no point of the curve
 */
export async function hpkeSeal(to: Bytes, message: Bytes, context: Context, ephemeral?: BoxKeys): Promise<Bytes> {
  const { publicKey, privateKey } = ephemeral ?? (await newBoxKeys());
  try {
    const { key, iv } = await schedule(await sharedSecret(privateKey, to, publicKey, to), context);
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: context.aad ?? EMPTY }, key, message);
    return joined(publicKey, new Uint8Array(sealed));
  } catch (cause) {
    throw new AppError('vault/damaged', {}, { cause });
  }
}

/** @throws AppError 'vault/damaged': changed, for somebody else, about something else, or written without the secret */
export async function hpkeOpen(own: BoxKeys, sealed: Bytes, context: Context): Promise<Bytes> {
  try {
    const sent = sealed.slice(0, PUBLIC_KEY_BYTES);
    const { key, iv } = await schedule(await sharedSecret(own.privateKey, sent, sent, own.publicKey), context);
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: context.aad ?? EMPTY }, key, sealed.slice(PUBLIC_KEY_BYTES)));
  } catch (cause) {
    throw new AppError('vault/damaged', {}, { cause });
  }
}
