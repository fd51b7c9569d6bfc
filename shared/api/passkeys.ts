/** Passkeys: signing in by what a device keeps and a finger or a PIN unlocks. Source: W3C Web Authentication, level 3. */
import { z } from 'zod';
import { device, mode, tokens } from './auth.ts';
import { route } from './contract.ts';

/** What a browser's own functions take and give; its form is theirs. */
const ofBrowser = z.record(z.string(), z.unknown());
/** Enough for any authenticator's answer. */
const response = z.looseObject({ id: z.string().max(2000), response: z.looseObject({ clientDataJSON: z.string().max(10_000) }) });
const id = z.object({ id: z.uuid() });
const passkey = z.object({ id: z.uuid(), name: z.string(), created_at: z.iso.datetime(), used_at: z.iso.datetime().nullable() });
const name = z.string().trim().max(100);

export const listPasskeys = route('get', '/auth/passkeys', {
  summary: 'Passkeys of the account, the oldest first.',
  query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(50), cursor: z.uuid().optional() }),
  answer: z.object({ passkeys: z.array(passkey), next_cursor: z.uuid().nullable() }),
});

export const askPasskey = route('post', '/auth/passkeys/options', { summary: 'What a browser needs to make a passkey.', answer: ofBrowser, errors: ['account/too-many-passkeys'] });

export const addPasskey = route('post', '/auth/passkeys', {
  summary: 'Add the passkey that the browser made.', status: 201,
  body: z.object({ name, response }), answer: passkey, errors: ['account/passkey', 'account/passkey-known'],
});

export const renamePasskey = route('put', '/auth/passkeys/{id}', { summary: 'Call it otherwise.', params: id, body: z.object({ name: name.min(1) }), errors: ['server/not-found'] });

export const removePasskey = route('delete', '/auth/passkeys/{id}', { summary: 'It does not sign in any more.', params: id, errors: ['server/not-found', 'account/last-way-in'] });

export const askPasskeyLogin = route('post', '/auth/passkey-login/options', {
  summary: 'What a browser needs to sign in with a passkey, whosever it is.',
  access: 'anybody', answer: ofBrowser, errors: ['account/too-many-tries'],
});

export const passkeyLogin = route('post', '/auth/passkey-login', {
  summary: 'Sign in with a passkey.',
  access: 'anybody',
  body: z.object({ response, mode, device }), answer: tokens, errors: ['account/passkey', 'account/too-many-tries', 'account/origin'],
});
