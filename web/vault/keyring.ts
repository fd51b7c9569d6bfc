/**
 * What the vault key opens: the private keys that file keys are sealed to, one for each vault key there has been, and the key of tags.
 * Kept as JSON under the vault key. Earlier boxes stay: a device that has not heard of the new key yet may still seal to one, and
 * what it backed up must not be lost. What is sealed to an earlier box is sealed anew as soon as it is seen.
 */
import { AppError } from '../../shared/errors.ts';
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from './base64url.ts';
import { type BoxKeys, newBoxKeys, rawPublicKey } from './hpke.ts';

type Bytes = Uint8Array<ArrayBuffer>;

interface Box {
  readonly generation: number;
  /** RFC 7517, of P-256. */
  readonly jwk: { readonly d: string; readonly x: string; readonly y: string };
}

export interface Keyring {
  /** Newest first; the first is sealed to. */
  readonly boxes: readonly [Box, ...Box[]];
  /** 32 bytes. Stays the same when the vault key changes, as the tags of what is there already do. */
  readonly tagKey: Bytes;
}

const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const;
const TAG_BYTES = 32;

async function newBox(generation: number): Promise<Box> {
  const { privateKey } = await newBoxKeys(true);
  const { d, x, y } = await crypto.subtle.exportKey('jwk', privateKey);
  return { generation, jwk: { d: d!, x: x!, y: y! } };
}

export const newKeyring = async (): Promise<Keyring> => ({ boxes: [await newBox(1)], tagKey: crypto.getRandomValues(new Uint8Array(TAG_BYTES)) });

/** A new box in front. */
export const withNewBox = async ({ boxes, tagKey }: Keyring, generation: number): Promise<Keyring> => ({ boxes: [await newBox(generation), ...boxes], tagKey });

/** @throws AppError 'vault/damaged' where there is no box of that generation */
export async function boxKeysOf({ boxes }: Keyring, generation: number): Promise<BoxKeys> {
  const box = boxes.find((one) => one.generation === generation);
  if (!box) throw new AppError('vault/damaged');
  const { x, y, d } = box.jwk;
  const [publicKey, privateKey] = await Promise.all([
    crypto.subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x, y }, CURVE, true, []).then(rawPublicKey),
    crypto.subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x, y, d }, CURVE, false, ['deriveBits']),
  ]);
  return { publicKey, privateKey };
}

export const writeKeyring = ({ boxes, tagKey }: Keyring): Bytes => utf8(JSON.stringify({ version: 1, boxes, tag: toBase64Url(tagKey) }));

/** @throws AppError 'vault/newer' */
export function readKeyring(bytes: Bytes): Keyring {
  const { version, boxes, tag } = JSON.parse(fromUtf8(bytes)) as { version: number; boxes: Keyring['boxes']; tag: string };
  if (version !== 1) throw new AppError('vault/newer');
  return { boxes, tagKey: fromBase64Url(tag) };
}
