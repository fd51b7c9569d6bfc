import { describe, expect, test } from 'vitest';
import { envelope as envelopeSchema } from '../../../shared/api/vault.ts';
import { answerTo, newPairingCode, openAnswered, pairingIdOf, sealForAnswer } from '../../../web/vault/pairing.ts';
import { generationOf, openItem, sealingKeysOf, sealItem, tagOf } from '../../../web/vault/item-seal.ts';
import { newCode, readCode, secretOfCode, tidyCode } from '../../../web/vault/recovery-code.ts';
import { createVaultKeys, openWithCode, openWithKey, openWithPassphrase, rotated, type Stretch, withNewCode, withPassphrase } from '../../../web/vault/vault-keys.ts';
import { stretch as realStretch } from '../../../web/workers/passphrase/stretch.ts';
import { randomNumbers } from '../../support/signals.ts';

/** As strong as the real one and no slower than it has to be: the cost is what a test of the real one looks at. */
const stretch: Stretch = (request) => realStretch({ ...request, memoryKib: 64, iterations: 1 });
const PASSPHRASE = 'seven small boats in fog';
const wrong = (code: string) => expect.objectContaining({ code }) as Error;

test('a passphrase costs 64 MiB and three passes, and the key is that of Argon2id (RFC 9106, version 0x13)', async () => {
  const { envelope } = await createVaultKeys(PASSPHRASE, stretch);
  expect(envelope.kdf).toMatchObject({ algorithm: 'argon2id', memory_kib: 65_536, iterations: 3, parallelism: 1 });
  // Made by another implementation (RustCrypto's argon2).
  const key = await realStretch({ passphrase: 'password', salt: new TextEncoder().encode('somesaltsomesalt'), memoryKib: 65_536, iterations: 3, parallelism: 1 });
  expect(Buffer.from(key).toString('hex')).toBe('7664ad4ba1a3c999fcdd0991ffc2270f78302d2383233db5e7befc85d1bb1819');
  const composed = await stretch({ passphrase: 'caf\u00e9', salt: new Uint8Array(16), memoryKib: 64, iterations: 1, parallelism: 1 });
  expect(await stretch({ passphrase: 'cafe\u0301', salt: new Uint8Array(16), memoryKib: 64, iterations: 1, parallelism: 1 })).toEqual(composed);
});

describe('a vault', () => {
  test('is opened by its passphrase and by its recovery code, and by no other', async () => {
    const { envelope, open, recoveryCode } = await createVaultKeys(PASSPHRASE, stretch);
    expect(envelopeSchema.parse(envelope)).toEqual(envelope);
    expect(await openWithPassphrase(envelope, PASSPHRASE, stretch)).toEqual(open);
    expect(await openWithCode(envelope, recoveryCode.toLowerCase().replace(/-/g, ' '))).toEqual(open);
    await expect(openWithPassphrase(envelope, `${PASSPHRASE}!`, stretch)).rejects.toThrow(wrong('vault/wrong-passphrase'));
    await expect(openWithCode(envelope, newCode('recovery'))).rejects.toThrow(wrong('vault/wrong-code'));
    await expect(openWithCode(envelope, 'ABCD')).rejects.toThrow(wrong('vault/code-typo'));
    await expect(openWithKey(envelope, new Uint8Array(32))).rejects.toThrow(wrong('vault/damaged'));
  });

  test('holds nothing of passphrase, code or keys in what the server gets', async () => {
    const { envelope, open, recoveryCode } = await createVaultKeys(PASSPHRASE, stretch);
    const sent = JSON.stringify(envelope);
    const secrets = [PASSPHRASE, recoveryCode, tidyCode(recoveryCode), ...open.keyring.boxes.map(({ jwk }) => jwk.d), ...[open.vaultKey, open.keyring.tagKey].map((key) => Buffer.from(key).toString('base64url'))];
    for (const secret of secrets) expect(sent).not.toContain(secret);
  });

  test('gets another passphrase without another key: the old one opens it no more', async () => {
    const { envelope, open, recoveryCode } = await createVaultKeys(PASSPHRASE, stretch);
    const changed = await withPassphrase(envelope, open, 'another one altogether', stretch);
    expect(await openWithPassphrase(changed, 'another one altogether', stretch)).toEqual(open);
    expect(await openWithCode(changed, recoveryCode)).toEqual(open);
    await expect(openWithPassphrase(changed, PASSPHRASE, stretch)).rejects.toThrow(wrong('vault/wrong-passphrase'));
    expect(changed.keyring).toBe(envelope.keyring);
  });

  test('gets another recovery code', async () => {
    const { envelope, open, recoveryCode } = await createVaultKeys(PASSPHRASE, stretch);
    const changed = await withNewCode(envelope, open);
    expect(await openWithCode(changed.envelope, changed.recoveryCode)).toEqual(open);
    await expect(openWithCode(changed.envelope, recoveryCode)).rejects.toThrow(wrong('vault/wrong-code'));
  });

  test('gets another key: it opens what was sealed before and after, and who has the old key opens nothing new', async () => {
    const before = await createVaultKeys(PASSPHRASE, stretch);
    const early = await sealItem(await sealingKeysOf(before.open), { key: 'early' });
    const after = await rotated(before.open, 'a fresh passphrase', stretch);
    const opened = await openWithPassphrase(after.envelope, 'a fresh passphrase', stretch);
    expect(await openItem(opened, early)).toEqual({ key: 'early' });
    const late = await sealItem(await sealingKeysOf(opened), { key: 'late' });
    expect([generationOf(early), generationOf(late)]).toEqual([1, 2]);
    expect(await openItem(opened, late)).toEqual({ key: 'late' });
    await expect(openItem(before.open, late)).rejects.toThrow(wrong('vault/damaged'));
    await expect(openWithCode(after.envelope, before.recoveryCode)).rejects.toThrow(wrong('vault/wrong-code'));
    await expect(openWithKey(after.envelope, before.open.vaultKey)).rejects.toThrow(wrong('vault/damaged'));
    // An envelope of before cannot be mixed into the new one.
    for (const part of ['passphrase_wrap', 'recovery_wrap', 'keyring'] as const) {
      const mixed = { ...after.envelope, kdf: before.envelope.kdf, [part]: before.envelope[part] };
      await expect(openWithPassphrase(mixed, PASSPHRASE, stretch)).rejects.toThrow(/vault|passphrase|backup/i);
    }
  });
});

test('what is sealed can be read by the open vault only, and equal files have equal tags', async () => {
  const [one, other] = [(await createVaultKeys(PASSPHRASE, stretch)).open, (await createVaultKeys(PASSPHRASE, stretch)).open];
  const keys = await sealingKeysOf(one);
  const sealed = await sealItem(keys, { name: 'Küche 厨房' });
  expect(await openItem(one, sealed)).toEqual({ name: 'Küche 厨房' });
  await expect(openItem(other, sealed)).rejects.toThrow(wrong('vault/damaged'));
  for (const bad of ['', 'AAAA', 'not base64 at all', sealed.slice(0, -8)]) await expect(openItem(one, bad)).rejects.toThrow(wrong('vault/damaged'));
  const hash = 'ab'.repeat(32);
  expect(await tagOf(keys, 'file', hash)).toMatch(/^[0-9a-f]{64}$/);
  expect(await tagOf(keys, 'file', hash)).toBe(await tagOf(await sealingKeysOf(one), 'file', hash));
  expect(new Set([await tagOf(keys, 'file', hash), await tagOf(keys, 'facts', hash), await tagOf(await sealingKeysOf(other), 'file', hash)]).size).toBe(3);
});

describe('a code', () => {
  test('is eight groups of four, read whatever the case, with letters mistaken for digits', () => {
    const code = newCode('recovery');
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(readCode(` ${code.toLowerCase().replace(/0/g, 'o').replace(/1/g, 'l')} `, 'recovery')).toBe(code);
  });

  test('with one to four letters wrong, two exchanged, one too many or too few is no code', () => {
    const random = randomNumbers(4);
    const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    for (let i = 0; i < 500; i += 1) {
      const letters = [...tidyCode(newCode('recovery'))];
      const typed = [...letters];
      switch (i % 4) {
        case 0:
          for (let n = 0; n <= i % 16 >> 2; n += 1) typed[Math.floor(random() * typed.length)] = LETTERS[Math.floor(random() * 32)]!;
          break;
        case 1: {
          const at = Math.floor(random() * (typed.length - 1));
          [typed[at], typed[at + 1]] = [typed[at + 1]!, typed[at]!];
          break;
        }
        case 2:
          typed.splice(Math.floor(random() * typed.length), 1);
          break;
        default:
          typed.splice(Math.floor(random() * typed.length), 0, '7');
      }
      if (typed.join('') === letters.join('')) continue;
      expect(() => readCode(typed.join(''), 'recovery')).toThrow(wrong('vault/code-typo'));
    }
  });

  test('for one thing is none for another', async () => {
    const code = newCode('pairing');
    expect(() => readCode(code, 'recovery')).toThrow(wrong('vault/code-typo'));
    expect(await secretOfCode(code, 'pairing')).toHaveLength(32);
  });
});

describe('pairing', () => {
  test('hands the vault key to the device that answered', async () => {
    const { open } = await createVaultKeys(PASSPHRASE, stretch);
    const { code, id } = await newPairingCode();
    expect(await pairingIdOf(code.toLowerCase())).toBe(id);
    const answering = await answerTo(code, 'Chrome, Android');
    const sealed = await sealForAnswer(code, answering.answer, open.vaultKey);
    expect(await openAnswered(code, answering, sealed)).toEqual(open.vaultKey);
  });

  test('is refused where the server put its own key, name or message in place', async () => {
    const { open } = await createVaultKeys(PASSPHRASE, stretch);
    const { code } = await newPairingCode();
    const guess = (await newPairingCode()).code;
    const [answering, forged] = [await answerTo(code, 'Phone'), await answerTo(guess, 'Phone')];
    await expect(sealForAnswer(code, forged.answer, open.vaultKey)).rejects.toThrow(wrong('vault/damaged'));
    await expect(sealForAnswer(code, { ...answering.answer, public_key: forged.answer.public_key }, open.vaultKey)).rejects.toThrow(wrong('vault/damaged'));
    await expect(sealForAnswer(code, { ...answering.answer, device: 'Your other phone' }, open.vaultKey)).rejects.toThrow(wrong('vault/damaged'));
    const other = await answerTo(code, 'Phone');
    const sealed = await sealForAnswer(code, other.answer, open.vaultKey);
    await expect(openAnswered(code, answering, sealed)).rejects.toThrow(wrong('vault/damaged'));
    // A key sealed by somebody who knows the public key but not the code.
    const planted = await sealForAnswer(guess, { ...(await answerTo(guess, 'Phone')).answer }, open.vaultKey);
    await expect(openAnswered(code, answering, planted)).rejects.toThrow(wrong('vault/damaged'));
  });
});
