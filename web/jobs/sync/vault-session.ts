/** The vault on this device: its state, its keys while it is open, and what is kept of it. */
import * as contract from '../../../shared/api/vault.ts';
import { AppError, toAppError } from '../../../shared/errors.ts';
import type { AccountState, ApiClient } from '../../api/client.ts';
import type { DocumentStore } from '../../storage/contract.ts';
import { type SealingKeys, sealingKeysOf } from '../../vault/item-seal.ts';
import { createVaultKeys, type OpenVault, openWithCode, openWithKey, openWithPassphrase, rotated, type Stretch, withNewCode, withPassphrase } from '../../vault/vault-keys.ts';
import { nextVault, unknownVault, type VaultEvent, type VaultState } from '../../vault/vault-machine.ts';

export interface VaultSessionParts {
  readonly api: Pick<ApiClient, 'call' | 'watch'>;
  readonly documents: DocumentStore;
  readonly stretch: Stretch;
  readonly nowMs: () => number;
  /** Hears of every change of the state. */
  readonly onChange: () => void;
}

const LOOK_MS = 15_000;

export function createVaultSession({ api, documents, stretch, nowMs, onChange }: VaultSessionParts) {
  let state: VaultState = unknownVault;
  let open: OpenVault | null = null;
  let account: AccountState = { status: 'unknown' };
  let turn: Promise<unknown> = Promise.resolve();

  /** One after the other: what is read is still so when it is written. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  function move(event: VaultEvent): void {
    const before = state;
    state = nextVault(state, event, nowMs());
    if (state.status !== 'unlocked' && open) {
      open.vaultKey.fill(0);
      open = null;
    }
    if (state !== before) onChange();
  }

  const accountId = (): string => {
    if (account.status !== 'in') throw new AppError('account/sign-in');
    return account.account.id;
  };

  async function keep(vault: contract.Vault, sealing: SealingKeys | null): Promise<void> {
    const id = accountId();
    await documents.update('vault', 'vault', (before) => ({ id: 'vault', accountId: id, vault, sealing: sealing ?? (before?.vault?.id === vault.id ? before.sealing : null) }));
  }

  /** All that was known of what is on the server. Nothing is sealed any more first, so that nothing is sent meanwhile. */
  async function forgetAll(): Promise<void> {
    await documents.update('vault', 'vault', (before) => before && { ...before, sealing: null });
    for (const id of await documents.ids('uploads')) await documents.remove('uploads', id);
    await documents.remove('vault', 'vault');
  }

  async function entered(vault: contract.Vault, opened: OpenVault): Promise<void> {
    await keep(vault, await sealingKeysOf(opened));
    open = opened;
    move({ type: 'opened', vault });
  }

  /** What the server has now. Where it is not reached, what is kept here stands. */
  async function refresh(): Promise<void> {
    try {
      const vault = await api.call(contract.getVault);
      const kept = await documents.get('vault', 'vault');
      // Another one in its place: nothing that was sent is in it.
      if (kept?.vault && kept.vault.id !== vault.id) await forgetAll();
      await keep(vault, null);
      move({ type: 'found', vault });
    } catch (thrown) {
      if (toAppError(thrown).code !== 'server/not-found') return;
      if ((await documents.get('vault', 'vault'))?.vault) await forgetAll();
      move({ type: 'found', vault: null });
    }
  }

  async function follow(next: AccountState): Promise<void> {
    account = next;
    if (next.status !== 'in') {
      move({ type: 'signed-out' });
      onChange();
      return;
    }
    const kept = await documents.get('vault', 'vault');
    if (kept && kept.accountId !== next.account.id) await forgetAll();
    else if (kept) move(kept.vault ? { type: 'found', vault: kept.vault } : { type: 'destruction-began' });
    onChange();
    await refresh();
  }
  const unwatch = api.watch((next) => void inTurn(() => follow(next)).catch(() => undefined));
  const timer = setInterval(() => move({ type: 'ticked' }), LOOK_MS);

  function present(): contract.Vault {
    if (state.status !== 'locked' && state.status !== 'unlocked') throw new AppError('server/not-found');
    return state.vault;
  }
  function opened(): { readonly vault: contract.Vault; readonly open: OpenVault } {
    move({ type: 'ticked' });
    if (state.status !== 'unlocked' || !open) throw new AppError('vault/locked');
    move({ type: 'used' });
    return { vault: state.vault, open };
  }
  const put = (envelope: contract.Envelope, version: number): Promise<contract.Vault> =>
    api.call(contract.updateVault, { body: { ...envelope, version } }).catch(async (thrown: unknown) => {
      // What was changed elsewhere is looked at before anything else is tried.
      if (toAppError(thrown).code === 'vault/changed-meanwhile') await refresh();
      throw thrown;
    });
  /** The newest, where the server is reached: a passphrase that was changed elsewhere is the one that counts. */
  async function newest(): Promise<contract.Vault> {
    await refresh();
    return present();
  }

  return {
    get state() {
      return state;
    },
    get account() {
      return account;
    },
    refresh: () => inTurn(refresh),
    opened,
    /** @throws AppError 'vault/locked' where it was never open on this device */
    async sealing(): Promise<SealingKeys & { readonly vaultId: string }> {
      const kept = await documents.get('vault', 'vault');
      // Keys of before another device exchanged them seal to a box that an earlier vault key opens: this device has to be unlocked again.
      if (!kept?.sealing || kept.sealing.generation !== kept.vault?.generation) throw new AppError('vault/locked');
      return { ...kept.sealing, vaultId: kept.vault.id };
    },
    create: (passphrase: string) =>
      inTurn(async () => {
        const made = await createVaultKeys(passphrase, stretch);
        await entered(await api.call(contract.createVault, { body: made.envelope }), made.open);
        return made.recoveryCode;
      }),
    unlock: (passphrase: string) =>
      inTurn(async () => {
        const vault = await newest();
        await entered(vault, await openWithPassphrase(vault, passphrase, stretch));
      }),
    unlockWithKey: (vaultKey: Uint8Array<ArrayBuffer>) =>
      inTurn(async () => {
        const vault = await newest();
        await entered(vault, await openWithKey(vault, vaultKey));
      }),
    recover: (code: string, passphrase: string) =>
      inTurn(async () => {
        const vault = await newest();
        const keys = await openWithCode(vault, code);
        const { envelope, recoveryCode } = await withNewCode(await withPassphrase(vault, keys, passphrase, stretch), keys);
        await entered(await put(envelope, vault.version), keys);
        return recoveryCode;
      }),
    changePassphrase: (current: string, wanted: string) =>
      inTurn(async () => {
        const vault = await newest();
        const keys = await openWithPassphrase(vault, current, stretch);
        await entered(await put(await withPassphrase(vault, keys, wanted, stretch), vault.version), keys);
      }),
    newCode: () =>
      inTurn(async () => {
        await refresh();
        const { vault, open: keys } = opened();
        const { envelope, recoveryCode } = await withNewCode(vault, keys);
        await entered(await put(envelope, vault.version), keys);
        return recoveryCode;
      }),
    rotate: (passphrase: string) =>
      inTurn(async () => {
        const vault = await newest();
        const made = await rotated(await openWithPassphrase(vault, passphrase, stretch), passphrase, stretch);
        await entered(await put(made.envelope, vault.version), made.open);
        return made.recoveryCode;
      }),
    /** That it is being destroyed is kept first: what a crash leaves is finished at the next start. */
    beginDestruction: () =>
      inTurn(async () => {
        const id = accountId();
        await documents.put('vault', { id: 'vault', accountId: id, vault: null, sealing: null });
        move({ type: 'destruction-began' });
        await api.call(contract.destroyVault).catch((thrown: unknown) => {
          if (toAppError(thrown).code !== 'server/not-found') throw thrown;
        });
      }),
    endDestruction: () =>
      inTurn(async () => {
        await forgetAll();
        move({ type: 'destroyed' });
      }),
    lock: () => move({ type: 'locked' }),
    touch: () => move({ type: 'used' }),
    stop() {
      clearInterval(timer);
      unwatch();
      move({ type: 'locked' });
    },
  };
}

export type VaultSession = ReturnType<typeof createVaultSession>;
