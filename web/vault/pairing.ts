/**
 * Hands the vault key to a new device. One device shows a code of 130 bits, as a QR code and in letters; the other reads it. Both are
 * signed in to the account, and the server carries messages that it can neither read nor forge:
 *
 * 1. The new device makes a key pair for this once and sends the public half, with a proof (HMAC) that it knows the code.
 * 2. The old one checks the proof, asks the person, and seals the vault key to that public key by HPKE in mode PSK: the code is the
 *    pre-shared secret, so the new device knows the key comes from where the code was shown.
 *
 * Why not the vault key in the QR code: a photograph of it would open the vault for ever. The code is good for five minutes and one
 * device, is worth nothing without being signed in to the account, and even somebody who has both finds only a key sealed for the
 * device that answered first, by the name the person is asked to confirm.
 */
import { AppError } from '../../shared/errors.ts';
import { fromBase64Url, toBase64Url, utf8 } from './base64url.ts';
import { type BoxKeys, hpkeOpen, hpkeSeal, newBoxKeys } from './hpke.ts';
import { newCode, secretOfCode } from './recovery-code.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface PairingCode {
  /** As it is shown. */
  readonly code: string;
  /** What the server knows it by. */
  readonly id: string;
}

const INFO = utf8('tonetwin vault 1 pairing');

async function derived(code: string, what: string): Promise<Bytes> {
  const secret = await crypto.subtle.importKey('raw', await secretOfCode(code, 'pairing'), 'HKDF', false, ['deriveBits']);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8(`tonetwin pairing ${what} 1`) }, secret, 256));
}

/** @throws AppError 'vault/code-typo' */
export const pairingIdOf = async (code: string): Promise<string> => toBase64Url(await derived(code, 'id'));

export async function newPairingCode(): Promise<PairingCode> {
  const code = newCode('pairing');
  return { code, id: await pairingIdOf(code) };
}

const proofKey = async (code: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', await derived(code, 'proof'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
/** The name belongs to it: it is what the person goes by. */
const proven = (publicKey: Bytes, device: string): Bytes => utf8(`${toBase64Url(publicKey)} ${device}`);

export interface PairingAnswer {
  readonly public_key: string;
  readonly proof: string;
  readonly device: string;
}

export interface Answering {
  readonly answer: PairingAnswer;
  /** Stays here until the sealed key comes. */
  readonly keys: BoxKeys;
}

/** On the new device. */
export async function answerTo(code: string, device: string): Promise<Answering> {
  const keys = await newBoxKeys();
  const proof = new Uint8Array(await crypto.subtle.sign('HMAC', await proofKey(code), proven(keys.publicKey, device)));
  return { keys, answer: { public_key: toBase64Url(keys.publicKey), proof: toBase64Url(proof), device } };
}

const context = async (code: string) => ({ info: INFO, psk: { secret: await derived(code, 'key'), id: utf8('pairing') } });

/**
 * On the old device. @returns what the server carries
 * @throws AppError 'vault/damaged' where the answer was not made by somebody who knows the code
 */
export async function sealForAnswer(code: string, { public_key, proof, device }: PairingAnswer, vaultKey: Bytes): Promise<string> {
  const publicKey = fromBase64Url(public_key);
  if (!(await crypto.subtle.verify('HMAC', await proofKey(code), fromBase64Url(proof), proven(publicKey, device)))) throw new AppError('vault/damaged');
  return toBase64Url(await hpkeSeal(publicKey, vaultKey, await context(code)));
}

/** On the new device: the vault key. @throws AppError 'vault/damaged' where it was not sealed by somebody who knows the code */
export const openAnswered = async (code: string, { keys }: Answering, sealed: string): Promise<Bytes> => hpkeOpen(keys, fromBase64Url(sealed), await context(code));
