/** Devices of one account, each with a library of its own, on one fake server. */
import { locksOfPage } from '../../../../web/jobs/locks.ts';
import type { Locks } from '../../../../web/jobs/runner.ts';
import type { ServiceParts } from '../../../../web/jobs/service.ts';
import type { SyncService, SyncState } from '../../../../web/jobs/sync/contract.ts';
import type { Network } from '../../../../web/jobs/sync/network.ts';
import type { Storage } from '../../../../web/storage/contract.ts';
import type { FakeBackupServer } from '../../support/fake-backup-server.ts';
import { openWorkplace, type Workplace, type WorkplaceOptions } from '../workplace.ts';

const opened: Workplace[] = [];

/** After each test. */
export async function stopDevices(): Promise<void> {
  for (const { service } of opened.splice(0)) await service.stop();
}

export interface FakeNetwork extends Network {
  set(change: { online?: boolean; metered?: boolean }): void;
}

function fakeNetwork(): FakeNetwork {
  const now = { online: true, metered: false };
  const listeners = new Set<() => void>();
  return {
    isOnline: () => now.online,
    isMetered: () => now.metered,
    onChange: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    set(change) {
      Object.assign(now, change);
      for (const listener of listeners) listener();
    },
  };
}

export interface Device extends Workplace {
  readonly sync: SyncService;
  readonly network: FakeNetwork;
  die(): void;
  /** The newest state that fits. */
  until(fits: (state: SyncState) => boolean): Promise<SyncState>;
}

export function device(server: FakeBackupServer, options: { storage?: Storage; accountId?: string; locks?: Locks; microphones?: WorkplaceOptions['microphones'] } = {}): Device {
  const network = fakeNetwork();
  const { api, send, die } = server.device(options.accountId);
  const backup: ServiceParts['backup'] = { api, send, network, random: () => 0, device: 'Test' };
  const workplace = openWorkplace({ backup, locks: options.locks ?? locksOfPage(), ...(options.storage ? { storage: options.storage } : {}), ...(options.microphones ? { microphones: options.microphones } : {}) });
  opened.push(workplace);
  const sync = workplace.service.sync!;
  return {
    ...workplace, sync, network, die,
    until: (fits) =>
      new Promise((resolve, reject) => {
        let newest: SyncState | null = null;
        const timer = setTimeout(() => reject(new Error(`never came: ${JSON.stringify({ ...newest, items: [...(newest?.items ?? [])] })}`)), 20_000);
        const stop = sync.watch((state) => {
          newest = state;
          if (!fits(state)) return;
          clearTimeout(timer);
          setTimeout(() => stop());
          resolve(state);
        });
      }),
  };
}

/** Everything wanted is there, and there is that much. */
export const allStored = (count: number) => ({ items }: SyncState): boolean => items.size >= count && [...items.values()].every(({ status }) => status === 'stored');
