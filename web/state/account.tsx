/** Who is signed in, as the page sees it; null where the page was opened without a way to a server. */
import { createContext, createSignal, onCleanup, useContext } from 'solid-js';
import type { Accessor, ParentProps } from 'solid-js';
import type { AccountState, ApiClient, SignedIn } from '../api/client.ts';

export interface AccountAccess {
  readonly client: ApiClient;
  readonly state: Accessor<AccountState>;
  /** Who is signed in; null: nobody. */
  readonly signedIn: Accessor<SignedIn | null>;
  /** Whether there is anything to show of accounts: not without a server that keeps them. */
  readonly isOffered: Accessor<boolean>;
}

const AccountContext = createContext<AccountAccess | null>(null);

export function createAccountAccess(client: ApiClient): AccountAccess {
  const [state, setState] = createSignal<AccountState>(client.account);
  onCleanup(client.watch((account) => setState(account)));
  const again = (): void => void client.start();
  addEventListener('online', again);
  onCleanup(() => removeEventListener('online', again));
  return {
    client,
    state,
    signedIn() {
      const now = state();
      return now.status === 'in' ? now.account : null;
    },
    isOffered: () => state().status === 'in' || state().status === 'out',
  };
}

export function AccountProvider(props: ParentProps<{ client: ApiClient | null }>) {
  const access = props.client && createAccountAccess(props.client);
  return <AccountContext.Provider value={access}>{props.children}</AccountContext.Provider>;
}

export const useAccount = (): AccountAccess | null => useContext(AccountContext);
