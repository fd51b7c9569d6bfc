/** A server with everything on, and somebody who has one of everything: what the attacks are about. */
import { getTableName, is, sql } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import * as schema from '../../../server/database/schema.ts';
import { neutralStyle } from '../../../shared/style.ts';
import { styleToDocument } from '../../../shared/style-document.ts';
import { createVaultKeys } from '../../../web/vault/vault-keys.ts';
import { openTestStore } from '../../support/blob-store.ts';
import { noiseBytes } from '../../support/noise-bytes.ts';
import { startOidcProvider } from '../../support/oidc-provider.ts';
import { createSoftwareAuthenticator } from '../../support/software-authenticator.ts';
import { openEmulatedProvider, vowel } from '../../support/speech.ts';
import { CHUNK, sealedMetadata, TUS } from '../../support/tus.ts';
import { type ApiCaller, bearer, openApiCaller, PASSWORD, type Somebody } from './api-caller.ts';
import { LIMITS } from './upload-caller.ts';

export interface AttackWorld {
  readonly caller: ApiCaller;
  /** Who has one of everything; who wants it; who works with the first. */
  readonly ann: Somebody;
  readonly eve: Somebody;
  readonly ben: Somebody;
  /** What is Ann's, by what it is. */
  readonly hers: Readonly<Record<string, string>>;
  readonly style: Readonly<Record<string, unknown>>;
  readonly envelope: Readonly<Record<string, unknown>>;
  /** What every table holds, as one text; counted tries left out. */
  digest(): Promise<string>;
  /** Nobody has tried anything yet. */
  forgetTries(): Promise<void>;
  close(): Promise<void>;
}

/** Of a code that only Ann has; to the server a name. */
const PAIRING = 'A'.repeat(43);
const TABLES = Object.values(schema).filter((value) => is(value, PgTable)).map((table) => getTableName(table)).filter((name) => name !== 'rate_limits');

export async function openAttackWorld(): Promise<AttackWorld> {
  const [store, speech, identity] = [await openTestStore(), await openEmulatedProvider(), await startOidcProvider()];
  const caller = await openApiCaller({
    blobs: { store: store.store, limits: LIMITS }, provider: { issuer: identity.issuer, clientId: identity.clientId, clientSecret: identity.clientSecret, name: 'House' },
    speech: { provider: speech.provider, allowances: { account: { characters: 1e6, voices: 1000 }, guest: { characters: 1000, voices: 10 } } },
    sendWebhook: () => Promise.resolve({ isTaken: true, status: 200, error: null }),
  });
  const [ann, eve, ben] = [await caller.somebody(), await caller.somebody(), await caller.somebody()];
  const forgetTries = async (): Promise<void> => void (await caller.database.queries.delete(schema.rateLimits));

  /** As somebody; it has to work. @returns what is answered */
  async function made(who: Somebody, method: string, path: string, body?: unknown): Promise<Record<string, any>> {
    const { status, json } = await who.call(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`);
    return 'success' in json ? (json['data'] as Record<string, any>) : json;
  }
  async function sent(who: Somebody, method: string, path: string, headers: Record<string, string>, body: Uint8Array<ArrayBuffer> | null): Promise<Response> {
    const answer = await caller.app.request(`/api${path}`, { method, headers: { ...bearer(who.access), ...headers }, ...(body === null ? {} : { body }) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
  const sample = async (who: Somebody, hz: number): Promise<string> => ((await (await sent(who, 'POST', '/files/upload?name=me.wav', { 'content-type': 'audio/wav' }, new Uint8Array(vowel(hz, 5.5)))).json()) as { data: { id: string } }).data.id;
  const signIn = async (device: string) => (await caller.call('POST', '/auth/login', { email: ann.email, password: PASSWORD, device })).json;
  const begun = async (size: number): Promise<string> => {
    const answer = await sent(ann, 'POST', '/uploads', { ...TUS, 'upload-length': String(size), 'upload-metadata': sealedMetadata() }, null);
    return answer.headers.get('location')!.split('/').at(-1)!;
  };
  const askedIn = async (who: Somebody, to: Somebody, workspace: string): Promise<string> => (await made(who, 'POST', `/workspaces/${workspace}/invitations`, { email: to.email, role: 'editor' }))['id'] as string;

  const style = JSON.parse(JSON.stringify(styleToDocument(neutralStyle('0'.repeat(64), 'B')))) as Record<string, unknown>;
  const preset = await made(ann, 'POST', '/presets', { name: 'Hers', style_params: style });
  const slugs = [await made(ann, 'POST', `/presets/${preset['id']}/share`), await made(ann, 'POST', `/presets/${preset['id']}/share`)];
  const job = (await made(ann, 'POST', '/jobs', { mode: 'B', ref_key: 'r', tgt_key: 't', idempotency_key: 'hers' }))['job_id'] as string;
  const failed = (await made(ann, 'POST', '/jobs', { mode: 'B', ref_key: 'r', tgt_key: 't', idempotency_key: 'hers-too' }))['job_id'] as string;
  await made(ann, 'PATCH', `/jobs/${failed}`, { status: 'ANALYZING' });
  await made(ann, 'PATCH', `/jobs/${failed}`, { status: 'FAILED', error: { reason: 'audio/silent' } });

  const workspace = (await made(ann, 'POST', '/workspaces', { name: 'Band' }))['id'] as string;
  await made(ben, 'POST', `/invitations/${await askedIn(ann, ben, workspace)}/accept`);
  const hook = (await made(ann, 'POST', '/webhooks', { url: 'https://example.org/hook' }))['id'] as string;
  await made(ann, 'POST', `/webhooks/${hook}/test`);
  const [delivery] = (await made(ann, 'GET', `/webhooks/${hook}/deliveries`))['deliveries'] as { id: string }[];
  // Given up, or there would be nothing to try again.
  await caller.database.queries.update(schema.webhookDeliveries).set({ state: 'dead' });
  const invited: string[] = [];
  for (const name of ['One', 'Two']) {
    const theirs = (await made(ben, 'POST', '/workspaces', { name }))['id'] as string;
    invited.push(await askedIn(ben, ann, theirs));
  }

  const invitation = (await made(ann, 'POST', `/workspaces/${workspace}/invitations`, { email: 'x@example.org', role: 'viewer' }))['id'] as string;

  const bytes = noiseBytes(3000, 1);
  const blob = await begun(bytes.length);
  await sent(ann, 'PATCH', `/uploads/${blob}`, { ...CHUNK, 'upload-offset': '0' }, bytes);
  const signed = await made(ann, 'POST', '/uploads/sign', { content_type: 'application/octet-stream', ext: 'bin', encrypted: true });
  const link = await made(ann, 'POST', `/blobs/${blob}/url`, { seconds: 3600 });

  const authenticator = createSoftwareAuthenticator();
  const asked = await made(ann, 'POST', '/auth/passkeys/options');
  const passkey = await made(ann, 'POST', '/auth/passkeys', { name: 'Laptop', response: authenticator.create({ challenge: asked['challenge'] as string, origin: 'https://localhost' }, (asked['user'] as { id: string }).id) });
  const { envelope } = await createVaultKeys('a lamp in every window', () => Promise.resolve(crypto.getRandomValues(new Uint8Array(32))));
  const vault = await made(ann, 'POST', '/vault', envelope);
  await made(ann, 'PUT', `/vault/pairings/${PAIRING}`);

  const [file, other] = [await sample(ann, 101), await sample(ann, 103)];
  await sample(eve, 107);
  const { voice } = (await made(ann, 'POST', '/voices', { file_id: file, model: 'stepaudio-2.5-tts', name: 'Hers', consent: true })) as { voice: { id: string } };
  const spoken = await made(ann, 'POST', '/tts/generate', { voice_id: voice.id, text: 'Good morning.' });

  const [phone, tablet, desk] = [await signIn('phone'), await signIn('tablet'), await signIn('desk')];
  await signIn('attic');
  const sessions = (await made(ann, 'GET', '/auth/sessions'))['sessions'] as { id: string; device: string }[];
  await forgetTries();
  return {
    caller, ann, eve, ben, style, envelope,
    hers: {
      user: ann.id, preset: preset['id'] as string, slug: slugs[0]!['slug'] as string, otherSlug: slugs[1]!['slug'] as string, job, failed, workspace, personal: preset['workspace_id'] as string,
      invitation, member: ben.id, hook, delivery: delivery!.id, firstInvited: invited[0]!, secondInvited: invited[1]!, blob, upload: await begun(10), doomedUpload: await begun(10), signedUpload: signed['key'] as string,
      putQuery: (signed['put_url'] as string).split('?')[1]!, linkQuery: (link['url'] as string).split('?')[1]!, passkey: passkey['id'] as string, vault: vault['id'] as string, pairing: PAIRING,
      file, otherFile: other, voice: voice.id, result: spoken['id'] as string, session: sessions.find(({ device }) => device === 'attic')!.id,
      refresh: phone['refresh_token'] as string, logout: tablet['refresh_token'] as string, spare: desk['refresh_token'] as string,
    },
    async digest() {
      const parts = TABLES.map((name) => `SELECT '${name}' AS name, (SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM "${name}" t) AS hash`);
      const rows = await caller.database.queries.execute<{ name: string; hash: string }>(sql.raw(parts.join(' UNION ALL ')));
      return [...rows].map(({ name, hash }) => `${name} ${hash}`).sort().join('\n');
    },
    forgetTries,
    async close() {
      await caller.api.close();
      await caller.close();
      await speech.close();
      await identity.close();
      store.remove();
    },
  };
}
