/** For every route a request that its owner may make, with ids of what is hers: the attacks start from it. */
import { createHash } from 'node:crypto';
import type { RouteContract } from '../../../shared/api/contract.ts';
import type { RawRouteContract } from '../../../shared/api/raw-contract.ts';
import { vowel } from '../../support/speech.ts';
import { CHUNK, sealedMetadata, TUS } from '../../support/tus.ts';
import { PASSWORD } from './api-caller.ts';
import type { AttackWorld } from './attack-world.ts';

export interface Example {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** JSON. */
  readonly body?: Readonly<Record<string, unknown>>;
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /** What its owner gets, where it is not what the contract promises. */
  readonly answers?: readonly number[];
  /** Why another person may do this with the same request. */
  readonly isOpen?: string;
}

export type AnyContract = RouteContract | RawRouteContract;
export const nameOf = ({ method, path }: AnyContract): string => `${method.toUpperCase()} ${path}`;

const VECTOR = Array.from({ length: 256 }, (_, i) => (i === 0 ? 1 : 0));
const VECTOR_HASH = createHash('sha256').update(new Uint8Array(Float32Array.from(VECTOR).buffer)).digest('hex');
const METRICS = { stft_dist: 0.4, mel_dist: 2.5, lufs_err: 0.1, tp_db: -1.02, artifacts_rate: 0, ltas_error_db: 0.8, ltas_error_before_db: 4.2 };
const A_KEY = 'B'.repeat(80);
const A_POINT = 'B'.repeat(87);

export function attackExamples({ hers, style, envelope }: AttackWorld): Readonly<Record<string, Example>> {
  const of = (id: string | undefined) => ({ params: { id: id! } });
  const there = `workspace_id=${hers['personal']}`;
  const within = { params: { id: hers['workspace']! } };
  const slug = { params: { slug: hers['slug']! } };
  const pairing = { params: { id: hers['pairing']! } };
  const email = 'new@example.org';
  const response = { id: 'AAAA', rawId: 'AAAA', type: 'public-key', response: { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA', attestationObject: 'AAAA' }, clientExtensionResults: {} };
  const link = 'whoever has the link may see it';
  const own = 'opens one of their own under that name';
  return {
    'POST /uploads': { headers: { ...TUS, 'upload-length': '10', 'upload-metadata': sealedMetadata() } },
    'HEAD /uploads/{id}': { ...of(hers['upload']), headers: TUS },
    'PATCH /uploads/{id}': { ...of(hers['upload']), headers: { ...CHUNK, 'upload-offset': '0' }, bytes: new Uint8Array(5) },
    'DELETE /uploads/{id}': { ...of(hers['upload']), headers: TUS },
    'POST /uploads/{id}': { ...of(hers['doomedUpload']), headers: { ...TUS, 'x-http-method-override': 'DELETE' } },
    'OPTIONS /uploads': {},
    'POST /uploads/sign': { body: { content_type: 'audio/wav', ext: 'wav', sealed: 'AAAA' } },
    'PUT /uploads/{id}': { ...of(hers['signedUpload']), query: hers['putQuery']!, headers: { 'content-length': '4' }, bytes: new Uint8Array(4), isOpen: link },
    'GET /blobs': { query: 'kind=recording&limit=10' },
    'GET /blobs/{id}/info': of(hers['blob']),
    'PATCH /blobs/{id}': { ...of(hers['blob']), body: { sealed: 'AAAA' } },
    'DELETE /blobs/{id}': of(hers['blob']),
    'GET /blobs/{id}': of(hers['blob']),
    'POST /blobs/{id}/url': { ...of(hers['blob']), body: { seconds: 60 } },
    'GET /downloads/{id}': { ...of(hers['blob']), query: hers['linkQuery']!, isOpen: link },
    'GET /storage': {},
    'GET /presets': { query: `${there}&search=Hers&limit=10` },
    'POST /presets': { query: there, body: { name: 'Another', style_params: style, public: false } },
    'GET /presets/{id}': of(hers['preset']),
    'PUT /presets/{id}': { ...of(hers['preset']), body: { name: 'Changed', style_params: style, public: false } },
    'DELETE /presets/{id}': of(hers['preset']),
    'GET /presets/{id}/versions': { ...of(hers['preset']), query: 'limit=10&cursor=3' },
    'GET /presets/{id}/versions/{version}': { params: { id: hers['preset']!, version: '1' } },
    'POST /presets/{id}/share': of(hers['preset']),
    'GET /presets/{id}/shares': of(hers['preset']),
    'DELETE /shares/{slug}': { params: { slug: hers['otherSlug']! } },
    'GET /shares/{slug}': { ...slug, isOpen: link },
    'POST /shares/{slug}/import': { ...slug, isOpen: link },
    'POST /jobs': { query: there, body: { mode: 'B', ref_key: 'r', tgt_key: 't', opts: { ceiling_dbtp: -1 }, idempotency_key: 'k1' } },
    'GET /jobs': { query: `${there}&status=PENDING&limit=10` },
    'GET /jobs/{id}': of(hers['job']),
    'PATCH /jobs/{id}': { ...of(hers['job']), body: { progress: 3, segments: [{ index: 0, first_frame: 0, frames: 480_000, state: 'done' }], metrics: METRICS, result_key: 'result-1', viz_keys: ['viz-1'] } },
    'POST /jobs/{id}/retry': of(hers['failed']),
    'GET /jobs/events': { query: `${there}&after=0` },
    'GET /workspaces': {},
    'POST /workspaces': { body: { name: 'Another' } },
    'GET /workspaces/{id}': within,
    'PATCH /workspaces/{id}': { ...within, body: { name: 'Renamed' } },
    'DELETE /workspaces/{id}': within,
    'GET /workspaces/{id}/members': within,
    'PATCH /workspaces/{id}/members/{user_id}': { params: { ...within.params, user_id: hers['member']! }, body: { role: 'viewer' } },
    'DELETE /workspaces/{id}/members/{user_id}': { params: { ...within.params, user_id: hers['member']! } },
    'POST /workspaces/{id}/leave': { ...within, answers: [409] },
    'POST /workspaces/{id}/transfer': { ...within, body: { user_id: hers['user']! } },
    'POST /workspaces/{id}/invitations': { ...within, body: { email: 'asked@example.org', role: 'viewer' } },
    'GET /workspaces/{id}/invitations': within,
    'DELETE /workspaces/{id}/invitations/{invitation_id}': { params: { ...within.params, invitation_id: hers['invitation']! } },
    'GET /invitations': {},
    'POST /invitations/{id}/accept': of(hers['firstInvited']),
    'POST /invitations/{id}/decline': of(hers['secondInvited']),
    'GET /usage': { query: there },
    'GET /audit': { query: there },
    'POST /webhooks': { query: there, body: { url: 'https://example.org/other' } },
    'GET /webhooks': { query: there },
    'PATCH /webhooks/{id}': { ...of(hers['hook']), body: { url: 'https://example.org/changed', active: true } },
    'DELETE /webhooks/{id}': of(hers['hook']),
    'POST /webhooks/{id}/test': of(hers['hook']),
    'GET /webhooks/{id}/deliveries': of(hers['hook']),
    'POST /webhooks/{id}/deliveries/{delivery_id}/retry': { params: { id: hers['hook']!, delivery_id: hers['delivery']! } },
    'GET /auth/offer': {},
    'POST /auth/register': { body: { email, password: PASSWORD, device: 'laptop' } },
    'POST /auth/login': { body: { email: 'somebody-1@example.org', password: PASSWORD, device: 'laptop' } },
    'POST /auth/refresh': { body: { refresh_token: hers['refresh']! }, isOpen: 'the token is the key' },
    'POST /auth/logout': { body: { refresh_token: hers['logout']! }, isOpen: 'the token is the key' },
    'GET /auth/me': {},
    'GET /auth/sessions': {},
    'DELETE /auth/sessions/{id}': of(hers['session']),
    'DELETE /auth/sessions': {},
    'POST /auth/password': { body: { current_password: PASSWORD, new_password: PASSWORD } },
    'DELETE /auth/account': { body: { password: PASSWORD } },
    'GET /auth/export': {},
    'GET /auth/passkeys': {},
    'POST /auth/passkeys/options': {},
    'POST /auth/passkeys': { body: { name: 'Phone', response }, answers: [401] },
    'PUT /auth/passkeys/{id}': { ...of(hers['passkey']), body: { name: 'Renamed' } },
    'DELETE /auth/passkeys/{id}': of(hers['passkey']),
    'POST /auth/passkey-login/options': {},
    'POST /auth/passkey-login': { body: { response, device: 'phone' }, answers: [401] },
    'GET /auth/provider': {},
    'GET /auth/provider/return': { query: 'code=x&state=y' },
    'GET /vault': {},
    'POST /vault': { body: envelope, answers: [409] },
    'PUT /vault': { body: { ...envelope, version: 1 } },
    'DELETE /vault': {},
    'PUT /vault/pairings/{id}': { ...pairing, isOpen: own },
    'GET /vault/pairings/{id}': pairing,
    'PUT /vault/pairings/{id}/answer': { ...pairing, body: { public_key: A_POINT, proof: 'B'.repeat(43), device: 'tablet' } },
    'PUT /vault/pairings/{id}/key': { ...pairing, body: { sealed: `${A_KEY}${A_KEY}` } },
    'DELETE /vault/pairings/{id}': pairing,
    'GET /speech/models': {},
    'GET /speech/usage': {},
    'POST /speech/adopt': {},
    'POST /files/upload': { query: 'name=me.wav', headers: { 'content-type': 'audio/wav' }, bytes: new Uint8Array(vowel(109, 5.5)) },
    'GET /files/{id}': of(hers['otherFile']),
    'DELETE /files/{id}': of(hers['otherFile']),
    'POST /embeddings/generate': { body: { file_id: hers['otherFile']!, vector: VECTOR, version: 'test-1', hash: VECTOR_HASH } },
    'GET /voices': { query: 'scope=mine&search=Hers' },
    'POST /voices/preview': { body: { file_id: hers['otherFile']!, model: 'stepaudio-2.5-tts', sample_text: 'Hello there.', transcript: 'aaa' } },
    'POST /voices': { body: { file_id: hers['otherFile']!, model: 'stepaudio-2.5-tts', name: 'Another', description: 'Low.', language: 'en', tags: ['low'], consent: true, sample_text: 'Hello.' } },
    'GET /voices/{id}': of(hers['voice']),
    'PUT /voices/{id}': { ...of(hers['voice']), body: { name: 'Changed', description: 'Deep.', language: 'en', tags: ['deep'], public: false } },
    'DELETE /voices/{id}': of(hers['voice']),
    'GET /voices/{id}/nearest': of(hers['voice']),
    'GET /voices/{id}/sample': of(hers['voice']),
    'POST /tts/generate': { body: { voice_id: hers['voice']!, text: 'How are you?', instruction: 'calm', pronunciations: ['abc/def'] } },
    'GET /tts': { query: `voice_id=${hers['voice']}` },
    'GET /tts/{id}': of(hers['result']),
    'GET /tts/{id}/audio': of(hers['result']),
    'DELETE /tts/{id}': of(hers['result']),
  };
}

/** Reading before changing, deleting last, what was mounted last first; the account at the very end. */
export function inOrder(contracts: readonly AnyContract[]): AnyContract[] {
  // All other sessions end with these.
  const ends = (path: string): boolean => path === '/auth/password' || path === '/auth/sessions';
  const rank = ({ method, path }: AnyContract): number => (path === '/auth/account' ? 4 : method === 'get' ? 0 : ends(path) ? 3 : method === 'delete' ? 2 : 1);
  return contracts.toSorted((a, b) => rank(a) - rank(b) || (rank(a) === 2 ? contracts.indexOf(b) - contracts.indexOf(a) : 0));
}
