/**
 * The vault of an account: keys under keys. The server keeps what is wrapped and can open none of it; what each part is, is
 * described in web/vault/README.md. Pairing hands the vault key to a new device, sealed for that device.
 */
import { z } from 'zod';
import { route } from './contract.ts';

/** base64url without padding, of so many bytes. */
const sealed = (leastBytes: number, mostBytes: number) =>
  z.string().regex(/^[\w-]+$/, 'not base64url').min(Math.ceil((leastBytes * 4) / 3)).max(Math.ceil((mostBytes * 4) / 3));

/** A key of 32 bytes, a nonce of 12 and a tag of 16. */
const wrappedKey = sealed(60, 60);

/** Bounds are what a browser can do, not what is wise: that is decided where a vault is made. */
export const kdf = z.object({
  algorithm: z.literal('argon2id'),
  memory_kib: z.number().int().min(8 * 1024).max(1024 * 1024),
  iterations: z.number().int().min(1).max(64),
  parallelism: z.number().int().min(1).max(16),
  salt: sealed(16, 16),
});

export const envelope = z.object({
  /** Counts the vault keys there have been. */
  generation: z.number().int().min(1),
  kdf,
  /** The vault key under the passphrase, and under the recovery code. */
  passphrase_wrap: wrappedKey,
  recovery_wrap: wrappedKey,
  /** Under the vault key: what opens the keys of files. */
  keyring: sealed(60, 24 * 1024),
});
export type Envelope = z.output<typeof envelope>;

export const vault = envelope.extend({
  id: z.uuid(),
  /** Counts changes; a change names the one it was made from. */
  version: z.number().int(),
  created_at: z.iso.datetime(), updated_at: z.iso.datetime(),
});
export type Vault = z.output<typeof vault>;

export const getVault = route('get', '/vault', { summary: 'The wrapped keys of the vault.', answer: vault, errors: ['server/not-found'] });

export const createVault = route('post', '/vault', { summary: 'Store the wrapped keys of a new vault. An account has one.', status: 201, body: envelope, answer: vault, errors: ['vault/exists'] });

export const updateVault = route('put', '/vault', {
  summary: 'Replace the wrapped keys: another passphrase, another recovery code, another vault key.',
  body: envelope.extend({ version: z.int32().min(1) }), answer: vault, errors: ['server/not-found', 'vault/changed-meanwhile'],
});

export const destroyVault = route('delete', '/vault', { summary: 'Destroy the wrapped keys: nothing that was sealed can be opened again, by anybody.', errors: ['server/not-found'] });

/** Follows from the code that both devices know, and tells nothing about it. */
const pairingId = z.object({ id: z.string().regex(/^[\w-]{43}$/) });

/** An uncompressed point of P-256. */
const publicKey = sealed(65, 65);

export const pairing = z.object({
  expires_at: z.iso.datetime(),
  /** Of the new device: its key, made for this once, and the proof that it knows the code. */
  answer: z.object({ public_key: publicKey, proof: sealed(32, 32), device: z.string() }).nullable(),
  /** The vault key, for that key alone. */
  sealed: z.string().nullable(),
});
export type Pairing = z.output<typeof pairing>;

export const openPairing = route('put', '/vault/pairings/{id}', { summary: 'Begin to hand the vault key to a new device; ends after five minutes.', params: pairingId, answer: pairing });

export const getPairing = route('get', '/vault/pairings/{id}', { summary: 'How far it is.', params: pairingId, answer: pairing, errors: ['server/not-found'] });

export const answerPairing = route('put', '/vault/pairings/{id}/answer', {
  summary: 'The new device says for which key. Once.',
  params: pairingId, body: z.object({ public_key: publicKey, proof: sealed(32, 32), device: z.string().trim().max(100) }), answer: pairing, errors: ['server/not-found', 'vault/pairing-taken'],
});

export const completePairing = route('put', '/vault/pairings/{id}/key', {
  summary: 'The vault key for the new device.',
  params: pairingId, body: z.object({ sealed: sealed(65 + 32 + 16, 512) }), answer: pairing, errors: ['server/not-found', 'vault/pairing-taken'],
});

export const endPairing = route('delete', '/vault/pairings/{id}', { summary: 'End it; the sealed key is gone.', params: pairingId, errors: ['server/not-found'] });
