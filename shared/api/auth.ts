/** Accounts: registering, signing in and out, sessions. */
import { z } from 'zod';
import { route } from './contract.ts';
import { rawRoute } from './raw-contract.ts';

/** Long enough to resist guessing where tries are counted; NIST SP 800-63B asks for 8 at least and allows any characters. */
export const PASSWORD_LENGTH = { least: 10, most: 256 } as const;

export const email = z.string().trim().max(254).pipe(z.email());
const password = z.string().min(PASSWORD_LENGTH.least).max(PASSWORD_LENGTH.most);

/** json: the refresh token is in the answer. cookie: only in a cookie that scripts cannot read; for pages of our own origin. */
export const mode = z.enum(['json', 'cookie']).default('json');
export const device = z.string().trim().max(100).default('');

const account = z.object({ id: z.uuid(), email: z.string(), created_at: z.iso.datetime() });

export const tokens = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  /** s */
  expires_in: z.number().int(),
  /** Missing in mode cookie. */
  refresh_token: z.string().optional(),
  user: account,
  workspace_id: z.uuid(),
});

export const signInOffer = route('get', '/auth/offer', {
  summary: 'What this server offers to whoever is not signed in.',
  access: 'anybody',
  /** Without accounts everything else of the API is missing, too. */
  answer: z.object({
    accounts: z.boolean(),
    /** Name of a provider of identity that signs in too, at /api/auth/provider; null: there is none. */
    provider: z.string().nullable(),
  }),
});

export const register = route('post', '/auth/register', {
  summary: 'Make an account and sign in.',
  access: 'anybody', status: 201,
  body: z.object({ email, password, mode, device }), answer: tokens,
  errors: ['account/email-taken', 'account/too-many-tries', 'account/origin'],
});

export const login = route('post', '/auth/login', {
  summary: 'Sign in.',
  access: 'anybody',
  body: z.object({ email, password: z.string().max(PASSWORD_LENGTH.most), mode, device }), answer: tokens,
  errors: ['account/wrong-credentials', 'account/too-many-tries', 'account/origin'],
});

export const refresh = route('post', '/auth/refresh', {
  summary: 'A new access token, and the next refresh token; the one given is used up.',
  access: 'anybody',
  body: z.object({ refresh_token: z.string().max(200).optional(), mode }).default({ mode: 'json' }), answer: tokens,
  errors: ['account/session-over', 'account/token-reused', 'account/origin'],
});

export const logout = route('post', '/auth/logout', {
  summary: 'End this session.',
  access: 'anybody',
  body: z.object({ refresh_token: z.string().max(200).optional() }).default({}),
  errors: ['account/origin'],
});

export const me = route('get', '/auth/me', {
  summary: 'Who is signed in, and whether by a password: accounts of passkeys and providers may have none.',
  answer: account.extend({ has_password: z.boolean() }),
});

const session = z.object({
  id: z.uuid(), device: z.string(), created_at: z.iso.datetime(), used_at: z.iso.datetime(), expires_at: z.iso.datetime(),
  /** The one that asks. */
  is_current: z.boolean(),
});

export const listSessions = route('get', '/auth/sessions', {
  summary: 'Where the account is signed in, the one used last first.',
  query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(50), cursor: z.string().max(200).optional() }),
  answer: z.object({ sessions: z.array(session), next_cursor: z.string().nullable() }),
});

export const revokeSession = route('delete', '/auth/sessions/{id}', { summary: 'Sign out there.', params: z.object({ id: z.uuid() }), errors: ['server/not-found'] });

export const revokeOtherSessions = route('delete', '/auth/sessions', { summary: 'Sign out everywhere but here.' });

export const changePassword = route('post', '/auth/password', {
  summary: 'Change the password, or set the first one shortly after signing in. All other sessions end.',
  body: z.object({ current_password: z.string().max(PASSWORD_LENGTH.most).default(''), new_password: password }),
  errors: ['account/wrong-credentials', 'account/sign-in-again', 'account/too-many-tries'],
});

export const deleteAccount = route('delete', '/auth/account', {
  summary: 'Delete the account and all that it has. There is no way back. Without a password: shortly after signing in only.',
  body: z.object({ password: z.string().max(PASSWORD_LENGTH.most).default('') }),
  errors: ['account/wrong-credentials', 'account/sign-in-again', 'account/too-many-tries'],
});

export const exportAccount = route('get', '/auth/export', { summary: 'All that is stored about the account.', answer: z.record(z.string(), z.unknown()) });

export const providerStart = rawRoute('get', '/auth/provider', {
  summary: 'On to the provider of identity, where one is configured.', speaks: 'A page to go to in a browser: 303 to the provider, or to /account?failed=...', access: 'anybody', statuses: [303],
});

export const providerReturn = rawRoute('get', '/auth/provider/return', {
  summary: 'Back from the provider of identity.', speaks: 'OpenID Connect, authorization code: 303 to /account.', access: 'anybody', statuses: [303],
});
