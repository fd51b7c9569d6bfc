/**
 * The keys of a vault through its life: made, opened by passphrase or recovery code, wrapped anew, exchanged. Pure but for random
 * numbers; what is stored, and where, is decided elsewhere.
 */
import type { Envelope } from '../../shared/api/vault.ts';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { StretchRequest } from '../workers/passphrase/contract.ts';
import { fromBase64Url, toBase64Url } from './base64url.ts';
import { type Keyring, newKeyring, readKeyring, withNewBox, writeKeyring } from './keyring.ts';
import { newCode, secretOfCode } from './recovery-code.ts';
import { unwrap, wrap } from './wrapping.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export type Stretch = (request: StretchRequest) => Promise<Bytes>;

/** A vault that is open: what must not be kept anywhere but in memory. */
export interface OpenVault {
  readonly generation: number;
  /** 32 bytes. */
  readonly vaultKey: Bytes;
  readonly keyring: Keyring;
}

const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** RFC 9106's second recommendation: 64 MiB, three passes. One lane, as a browser has one thread for it. */
export const COST = { memory_kib: 64 * 1024, iterations: 3, parallelism: 1 } as const;

const labelOf = (what: 'passphrase' | 'recovery' | 'keyring', generation: number): string => `tonetwin vault 1 ${what} ${generation}`;
const random = (bytes: number): Bytes => crypto.getRandomValues(new Uint8Array(bytes));

const stretched = (stretch: Stretch, passphrase: string, { memory_kib, iterations, parallelism, salt }: Envelope['kdf']): Promise<Bytes> =>
  stretch({ passphrase, salt: fromBase64Url(salt), memoryKib: memory_kib, iterations, parallelism });

async function underPassphrase({ vaultKey, generation }: OpenVault, passphrase: string, stretch: Stretch): Promise<Pick<Envelope, 'kdf' | 'passphrase_wrap'>> {
  const kdf = { algorithm: 'argon2id', ...COST, salt: toBase64Url(random(SALT_BYTES)) } as const;
  return { kdf, passphrase_wrap: toBase64Url(await wrap(await stretched(stretch, passphrase, kdf), vaultKey, labelOf('passphrase', generation))) };
}

async function underCode({ vaultKey, generation }: OpenVault, code: string): Promise<Pick<Envelope, 'recovery_wrap'>> {
  return { recovery_wrap: toBase64Url(await wrap(await secretOfCode(code, 'recovery'), vaultKey, labelOf('recovery', generation))) };
}

async function underVaultKey({ vaultKey, generation, keyring }: OpenVault): Promise<Pick<Envelope, 'generation' | 'keyring'>> {
  return { generation, keyring: toBase64Url(await wrap(vaultKey, writeKeyring(keyring), labelOf('keyring', generation))) };
}

export interface MadeVault {
  readonly envelope: Envelope;
  readonly open: OpenVault;
  /** Shown once. */
  readonly recoveryCode: string;
}

async function wrapped(open: OpenVault, passphrase: string, stretch: Stretch): Promise<MadeVault> {
  const recoveryCode = newCode('recovery');
  const envelope = { ...(await underVaultKey(open)), ...(await underPassphrase(open, passphrase, stretch)), ...(await underCode(open, recoveryCode)) };
  return { envelope, open, recoveryCode };
}

export const createVaultKeys = async (passphrase: string, stretch: Stretch): Promise<MadeVault> =>
  wrapped({ generation: 1, vaultKey: random(KEY_BYTES), keyring: await newKeyring() }, passphrase, stretch);

/** What opens nothing is the wrong key; that it was damaged on the way cannot be told from that. */
async function refusing<T>(code: 'vault/wrong-passphrase' | 'vault/wrong-code', work: Promise<T>): Promise<T> {
  return work.catch((thrown: unknown) => {
    throw toAppError(thrown).code === 'vault/damaged' ? new AppError(code, {}, { cause: thrown }) : thrown;
  });
}

/** With the vault key itself: what pairing hands over. @throws AppError 'vault/damaged' where it is not the key of this vault */
export async function openWithKey({ generation, keyring }: Envelope, vaultKey: Bytes): Promise<OpenVault> {
  return { generation, vaultKey, keyring: readKeyring(await unwrap(vaultKey, fromBase64Url(keyring), labelOf('keyring', generation))) };
}

/** @throws AppError 'vault/wrong-passphrase' */
export async function openWithPassphrase(envelope: Envelope, passphrase: string, stretch: Stretch): Promise<OpenVault> {
  const key = await stretched(stretch, passphrase, envelope.kdf);
  const vaultKey = await refusing('vault/wrong-passphrase', unwrap(key, fromBase64Url(envelope.passphrase_wrap), labelOf('passphrase', envelope.generation)));
  return openWithKey(envelope, vaultKey);
}

/** @throws AppError 'vault/code-typo' for what is no code at all, 'vault/wrong-code' for the code of another vault or of an earlier key */
export async function openWithCode(envelope: Envelope, code: string): Promise<OpenVault> {
  const key = await secretOfCode(code, 'recovery');
  const vaultKey = await refusing('vault/wrong-code', unwrap(key, fromBase64Url(envelope.recovery_wrap), labelOf('recovery', envelope.generation)));
  return openWithKey(envelope, vaultKey);
}

/** Another passphrase: the vault key is wrapped anew, nothing else changes. */
export const withPassphrase = async (envelope: Envelope, open: OpenVault, passphrase: string, stretch: Stretch): Promise<Envelope> => ({ ...envelope, ...(await underPassphrase(open, passphrase, stretch)) });

/** Another recovery code; the one before opens nothing any more. */
export async function withNewCode(envelope: Envelope, open: OpenVault): Promise<Pick<MadeVault, 'envelope' | 'recoveryCode'>> {
  const recoveryCode = newCode('recovery');
  return { envelope: { ...envelope, ...(await underCode(open, recoveryCode)) }, recoveryCode };
}

/**
 * A new vault key, a new key that file keys are sealed to, a new recovery code. Whoever had the old vault key can open nothing of
 * what is sealed from now on, and nothing of what was, once its file key has been sealed anew.
 */
export const rotated = async (open: OpenVault, passphrase: string, stretch: Stretch): Promise<MadeVault> => {
  const generation = open.generation + 1;
  return wrapped({ generation, vaultKey: random(KEY_BYTES), keyring: await withNewBox(open.keyring, generation) }, passphrase, stretch);
};
