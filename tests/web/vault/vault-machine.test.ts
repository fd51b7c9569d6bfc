import { expect, test } from 'vitest';
import type { Vault } from '../../../shared/api/vault.ts';
import { IDLE_MS, nextVault, unknownVault, type VaultEvent, type VaultState } from '../../../web/vault/vault-machine.ts';

const vault = (version: number, generation = 1, id = 'one'): Vault => ({ id, version, generation }) as Vault;
const after = (...events: readonly VaultEvent[]): VaultState => events.reduce<VaultState>((state, event) => nextVault(state, event, 0), unknownVault);
const open = after({ type: 'found', vault: vault(1) }, { type: 'opened', vault: vault(1) });

test('an open vault is locked once nobody has used it for a quarter of an hour', () => {
  expect(nextVault(open, { type: 'ticked' }, IDLE_MS - 1)).toBe(open);
  expect(nextVault(open, { type: 'ticked' }, IDLE_MS)).toEqual({ status: 'locked', vault: vault(1) });
  const used = nextVault(open, { type: 'used' }, 1000);
  expect(nextVault(used, { type: 'ticked' }, IDLE_MS)).toBe(used);
});

test('stays open under a new passphrase of the same key, and is locked under another key or another vault', () => {
  expect(nextVault(open, { type: 'found', vault: vault(2) }, 0)).toMatchObject({ status: 'unlocked', vault: vault(2) });
  expect(nextVault(open, { type: 'found', vault: vault(2, 2) }, 0)).toEqual({ status: 'locked', vault: vault(2, 2) });
  expect(nextVault(open, { type: 'found', vault: vault(1, 1, 'two') }, 0)).toEqual({ status: 'locked', vault: vault(1, 1, 'two') });
});

test('an earlier state than the one that is known changes nothing', () => {
  const newer = nextVault(open, { type: 'opened', vault: vault(3) }, 0);
  expect(nextVault(newer, { type: 'found', vault: vault(2) }, 0)).toBe(newer);
});

test('what is being destroyed is opened by nothing, and then there is none', () => {
  const going = nextVault(open, { type: 'destruction-began' }, 0);
  for (const event of [{ type: 'opened', vault: vault(1) }, { type: 'found', vault: vault(1) }, { type: 'used' }, { type: 'ticked' }, { type: 'locked' }] as const) expect(nextVault(going, event, 0)).toBe(going);
  expect(nextVault(going, { type: 'destroyed' }, 0)).toEqual({ status: 'none' });
});

test('who signs out leaves nothing open, nor known', () => {
  expect(nextVault(open, { type: 'signed-out' }, 0)).toEqual(unknownVault);
  expect(after({ type: 'found', vault: null })).toEqual({ status: 'none' });
});
