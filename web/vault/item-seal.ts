/**
 * The key of a file, and what is said about it, sealed for the owner of the vault. Sealing needs no secret: a device whose vault is
 * locked goes on backing up, and can read nothing.
 */
import { AppError } from '../../shared/errors.ts';
import { fromUtf8, utf8 } from './base64url.ts';
import { hpkeOpen, hpkeSeal } from './hpke.ts';
import { boxKeysOf } from './keyring.ts';
import type { OpenVault } from './vault-keys.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** What a device keeps to back up with while the vault is locked: no secret of the vault but the key of tags, which no page can read. */
export interface SealingKeys {
  readonly generation: number;
  /** Of the newest box, 65 bytes. */
  readonly publicKey: Bytes;
  /** HMAC-SHA256. */
  readonly tagKey: CryptoKey;
}

export async function sealingKeysOf({ keyring, generation }: OpenVault): Promise<SealingKeys> {
  const { publicKey } = await boxKeysOf(keyring, keyring.boxes[0].generation);
  return { generation, publicKey, tagKey: await crypto.subtle.importKey('raw', keyring.tagKey, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']) };
}

const CONTEXT = { info: utf8('tonetwin vault 1 item') } as const;
/** The generation, big-endian, before what is sealed to its box. */
const GENERATION_BYTES = 4;

const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
const fromBase64 = (text: string): Bytes => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/**
 * @param item  plain data
 * @returns base64; the server may exchange what belongs to two files, which then open no more, but learn or forge nothing
 */
export async function sealItem({ generation, publicKey }: SealingKeys, item: unknown): Promise<string> {
  const sealed = await hpkeSeal(publicKey, utf8(JSON.stringify(item)), CONTEXT);
  const all = new Uint8Array(GENERATION_BYTES + sealed.length);
  new DataView(all.buffer).setUint32(0, generation);
  all.set(sealed, GENERATION_BYTES);
  return toBase64(all);
}

/** @throws AppError 'vault/damaged' */
function parts(text: string): { readonly generation: number; readonly sealed: Bytes } {
  try {
    const all = fromBase64(text);
    return { generation: new DataView(all.buffer).getUint32(0), sealed: all.slice(GENERATION_BYTES) };
  } catch (cause) {
    throw new AppError('vault/damaged', {}, { cause });
  }
}

/** Which vault key it needs. @throws AppError 'vault/damaged' */
export const generationOf = (text: string): number => parts(text).generation;

/** @throws AppError 'vault/damaged' */
export async function openItem<T>({ keyring }: Pick<OpenVault, 'keyring'>, text: string): Promise<T> {
  const { generation, sealed } = parts(text);
  return JSON.parse(fromUtf8(await hpkeOpen(await boxKeysOf(keyring, generation), sealed, CONTEXT))) as T;
}

/**
 * By which the server knows the same content again without learning anything of it: HMAC under a key of the vault, hexadecimal.
 * @param part       what of an item it is
 * @param plainHash  SHA-256 of the content, hexadecimal
 */
export async function tagOf({ tagKey }: Pick<SealingKeys, 'tagKey'>, part: string, plainHash: string): Promise<string> {
  const tag = await crypto.subtle.sign('HMAC', tagKey, utf8(`${part} ${plainHash}`));
  return Array.from(new Uint8Array(tag), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
