import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerTo, newPairingCode, openAnswered, pairingIdOf, sealForAnswer } from '../../web/vault/pairing.ts';
import { createVaultKeys, type MadeVault, openWithKey, openWithPassphrase, type Stretch, withPassphrase } from '../../web/vault/vault-keys.ts';
import { stretch as realStretch } from '../../web/workers/passphrase/stretch.ts';
import { type ApiCaller, openApiCaller, type Somebody } from './support/api-caller.ts';

const stretch: Stretch = (request) => realStretch({ ...request, memoryKib: 64, iterations: 1 });
const PASSPHRASE = 'a lamp in every window';

let caller: ApiCaller;
beforeAll(async () => {
  caller = await openApiCaller();
}, 120_000);
afterAll(() => caller.close());

const reason = ({ status, json }: { readonly status: number; readonly json: Record<string, any> }) => [status, json['detail']?.reason as unknown];

async function aVault(somebody: Somebody): Promise<MadeVault> {
  const made = await createVaultKeys(PASSPHRASE, stretch);
  expect(await somebody.call('POST', '/vault', made.envelope)).toMatchObject({ status: 201, json: { ...made.envelope, version: 1 } });
  return made;
}

describe('a vault', () => {
  test('is one for each account, stored wrapped and opened by whoever has the passphrase', async () => {
    const [ann, ben] = [await caller.somebody(), await caller.somebody()];
    expect(reason(await ann.call('GET', '/vault'))).toEqual([404, 'server/not-found']);
    const { open, envelope } = await aVault(ann);
    const { json } = await ann.call('GET', '/vault');
    expect(json['id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(await openWithPassphrase(json as never, PASSPHRASE, stretch)).toEqual(open);
    expect(reason(await ann.call('POST', '/vault', envelope))).toEqual([409, 'vault/exists']);
    expect(reason(await ben.call('GET', '/vault'))).toEqual([404, 'server/not-found']);
    await aVault(ben);
  });

  test('made on two devices at once is made by one of them', async () => {
    const ann = await caller.somebody();
    const made = await Promise.all([1, 2, 3].map(() => createVaultKeys(PASSPHRASE, stretch)));
    const answers = await Promise.all(made.map(({ envelope }) => ann.call('POST', '/vault', envelope)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const won = made[answers.findIndex(({ status }) => status === 201)]!;
    expect((await ann.call('GET', '/vault')).json).toMatchObject(won.envelope);
  });

  test('is changed from the state it is in, or not at all', async () => {
    const ann = await caller.somebody();
    const { envelope, open } = await aVault(ann);
    const [one, other] = [await withPassphrase(envelope, open, 'the first of two', stretch), await withPassphrase(envelope, open, 'the second of two', stretch)];
    const answers = await Promise.all([one, other].map((changed) => ann.call('PUT', '/vault', { ...changed, version: 1 })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(reason(answers.find(({ status }) => status === 409)!)).toEqual([409, 'vault/changed-meanwhile']);
    expect((await ann.call('GET', '/vault')).json).toMatchObject({ ...(answers[0]!.status === 200 ? one : other), version: 2 });
  });

  test('that was destroyed is gone, and another can be made', async () => {
    const ann = await caller.somebody();
    const { envelope } = await aVault(ann);
    expect((await ann.call('DELETE', '/vault')).status).toBe(204);
    expect(reason(await ann.call('DELETE', '/vault'))).toEqual([404, 'server/not-found']);
    expect(reason(await ann.call('PUT', '/vault', { ...envelope, version: 1 }))).toEqual([404, 'server/not-found']);
    await aVault(ann);
  });

  test('is part of what an account takes away, wrapped as it is', async () => {
    const ann = await caller.somebody();
    expect((await ann.call('GET', '/auth/export')).json['vault']).toBeNull();
    const { envelope } = await aVault(ann);
    expect((await ann.call('GET', '/auth/export')).json['vault']).toMatchObject(envelope);
  });

  test('goes with its account', async () => {
    const ann = await caller.somebody();
    await aVault(ann);
    await ann.call('DELETE', '/auth/account', { password: 'a long enough secret' });
    expect(JSON.stringify(await caller.database.queries.query.vaults.findMany())).not.toContain(ann.id);
  });

  test.each([
    ['a wrap of another length', { passphrase_wrap: 'AAAA' }],
    ['a wrap that is no base64url', { recovery_wrap: '!'.repeat(80) }],
    ['a cost nobody could pay', { kdf: { algorithm: 'argon2id', memory_kib: 1e9, iterations: 3, parallelism: 1, salt: 'A'.repeat(22) } }],
    ['a keyring without end', { keyring: 'A'.repeat(40_000) }],
  ])('is refused with %s', async (_what, change) => {
    const ann = await caller.somebody();
    const { envelope } = await createVaultKeys(PASSPHRASE, stretch);
    expect(reason(await ann.call('POST', '/vault', { ...envelope, ...change }))).toEqual([422, 'request/invalid']);
  });
});

describe('pairing', () => {
  test('brings the vault key to another device of the same account, and the server cannot open it', async () => {
    const ann = await caller.somebody();
    const { open } = await aVault(ann);
    const { code, id } = await newPairingCode();
    expect((await ann.call('PUT', `/vault/pairings/${id}`)).json).toMatchObject({ answer: null, sealed: null });
    const answering = await answerTo(code, 'Firefox, Android');
    expect((await ann.call('PUT', `/vault/pairings/${await pairingIdOf(code)}/answer`, answering.answer)).status).toBe(200);
    const { json } = await ann.call('GET', `/vault/pairings/${id}`);
    expect(json['answer']).toEqual(answering.answer);
    await ann.call('PUT', `/vault/pairings/${id}/key`, { sealed: await sealForAnswer(code, json['answer'] as never, open.vaultKey) });
    const sealed = (await ann.call('GET', `/vault/pairings/${id}`)).json['sealed'] as string;
    const key = await openAnswered(code, answering, sealed);
    expect(await openWithKey((await ann.call('GET', '/vault')).json as never, key)).toEqual(open);
    const stored = JSON.stringify([await caller.database.queries.query.vaultPairings.findMany(), await caller.database.queries.query.vaults.findMany()]);
    expect(stored).toContain(sealed);
    expect(stored).not.toContain(Buffer.from(open.vaultKey).toString('base64url'));
    expect(stored).not.toContain(code);
    expect((await ann.call('DELETE', `/vault/pairings/${id}`)).status).toBe(204);
    expect(reason(await ann.call('GET', `/vault/pairings/${id}`))).toEqual([404, 'server/not-found']);
  });

  test('is answered once, by one device, and completed once', async () => {
    const ann = await caller.somebody();
    const { code, id } = await newPairingCode();
    await ann.call('PUT', `/vault/pairings/${id}`);
    const sealed = await sealForAnswer(code, (await answerTo(code, 'x')).answer, new Uint8Array(32));
    expect(reason(await ann.call('PUT', `/vault/pairings/${id}/key`, { sealed }))).toEqual([409, 'vault/pairing-taken']);
    const answers = await Promise.all(['one', 'other'].map(async (device) => ann.call('PUT', `/vault/pairings/${id}/answer`, (await answerTo(code, device)).answer)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    // Opened again: what was answered stays answered.
    expect((await ann.call('PUT', `/vault/pairings/${id}`)).json['answer']).toEqual(answers.find(({ status }) => status === 200)!.json['answer']);
    expect((await ann.call('PUT', `/vault/pairings/${id}/key`, { sealed })).status).toBe(200);
    expect(reason(await ann.call('PUT', `/vault/pairings/${id}/key`, { sealed }))).toEqual([409, 'vault/pairing-taken']);
  });

  test('is over after five minutes, and never seen by another account', async () => {
    const [ann, ben] = [await caller.somebody(), await caller.somebody()];
    const { code, id } = await newPairingCode();
    await ann.call('PUT', `/vault/pairings/${id}`);
    const { answer } = await answerTo(code, 'x');
    const all = (somebody: Somebody) => [
      somebody.call('GET', `/vault/pairings/${id}`), somebody.call('PUT', `/vault/pairings/${id}/answer`, answer),
      somebody.call('PUT', `/vault/pairings/${id}/key`, { sealed: 'A'.repeat(200) }), somebody.call('DELETE', `/vault/pairings/${id}`),
    ];
    for (const refused of await Promise.all(all(ben))) expect(reason(refused)).toEqual([404, 'server/not-found']);
    caller.nowMs += 5 * 60_000;
    for (const refused of await Promise.all(all(ann))) expect(reason(refused)).toEqual([404, 'server/not-found']);
  });
});
