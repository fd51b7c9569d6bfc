/** The life of a vault as a device sees it: pure, given its clock. The keys themselves are with whoever drives it. */
import type { Vault } from '../../shared/api/vault.ts';

/** An open vault that nobody used for so long is locked. */
export const IDLE_MS = 15 * 60_000;

export type VaultState =
  /** Nobody has asked the server yet, and nothing is kept here. */
  | { readonly status: 'unknown' }
  | { readonly status: 'none' }
  | { readonly status: 'locked'; readonly vault: Vault }
  | { readonly status: 'unlocked'; readonly vault: Vault; readonly lockAtMs: number }
  /** Its keys are gone or about to go; files may still lie on the server. */
  | { readonly status: 'destroying' };

export type VaultEvent =
  /** What the server, or this device for as long as there is no network, has. */
  | { readonly type: 'found'; readonly vault: Vault | null }
  /** Made, opened, or wrapped anew: its keys are here. */
  | { readonly type: 'opened'; readonly vault: Vault }
  | { readonly type: 'used' }
  | { readonly type: 'ticked' }
  | { readonly type: 'locked' }
  | { readonly type: 'destruction-began' }
  | { readonly type: 'destroyed' }
  | { readonly type: 'signed-out' };

export const unknownVault: VaultState = { status: 'unknown' };

export function nextVault(state: VaultState, event: VaultEvent, nowMs: number): VaultState {
  switch (event.type) {
    case 'found':
      return found(state, event.vault);
    case 'opened':
      return state.status === 'destroying' ? state : { status: 'unlocked', vault: event.vault, lockAtMs: nowMs + IDLE_MS };
    case 'used':
      return state.status === 'unlocked' ? { ...state, lockAtMs: nowMs + IDLE_MS } : state;
    case 'ticked':
      return state.status === 'unlocked' && nowMs >= state.lockAtMs ? { status: 'locked', vault: state.vault } : state;
    case 'locked':
      return state.status === 'unlocked' ? { status: 'locked', vault: state.vault } : state;
    case 'destruction-began':
      return { status: 'destroying' };
    case 'destroyed':
      return { status: 'none' };
    case 'signed-out':
      return unknownVault;
    default:
      return event satisfies never;
  }
}

function found(state: VaultState, vault: Vault | null): VaultState {
  if (state.status === 'destroying') return state;
  if (vault === null) return { status: 'none' };
  const known = state.status === 'locked' || state.status === 'unlocked' ? state.vault : null;
  // An answer that was long on its way, or a server that hands out what was before.
  if (known && known.id === vault.id && known.version > vault.version) return state;
  // The keys that are open here belong to this vault only as long as nobody made others.
  if (state.status === 'unlocked' && known?.id === vault.id && known.generation === vault.generation) return { ...state, vault };
  return { status: 'locked', vault };
}
