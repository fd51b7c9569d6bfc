/** What is in the backup, as its list shows it: read when it is opened and when something has changed, played, brought back, taken out. */
import { createSignal, onCleanup } from 'solid-js';
import type { I18n } from '../i18n/i18n.tsx';
import type { TonetwinService } from '../jobs/contract.ts';
import type { RemoteEntry, RemoteUse, SyncService } from '../jobs/sync/contract.ts';
import { createAttempt } from './attempt.ts';
import { createEntryPlayer } from './entry-player.ts';

export function createRemoteEntries(sync: SyncService, service: Pick<TonetwinService, 'pcm'>, { t }: Pick<I18n, 't'>) {
  const [entries, setEntries] = createSignal<readonly RemoteEntry[] | null>(null);
  const [use, setUse] = createSignal<RemoteUse | null>(null);
  const [fetching, setFetching] = createSignal<{ readonly id: string; readonly fraction: number } | null>(null);
  const player = createEntryPlayer({ pcm: (id) => (entries()?.find((entry) => entry.id === id)?.isHere ? service.pcm(id) : sync.remotePcm(id)) });
  const attempt = createAttempt();
  const leaving = new AbortController();

  onCleanup(() => leaving.abort());

  let isStale = false;
  async function read(): Promise<void> {
    do {
      isStale = false;
      setEntries(await sync.remote());
      setUse(await sync.remoteUse());
    } while (isStale);
  }
  /** Asked for while something runs, it is read when that has ended: what came in between is not missed. */
  async function readAgain(): Promise<void> {
    if (attempt.isBusy()) isStale = true;
    else await attempt.run(read);
  }
  const nameOf = (entry: RemoteEntry): string => {
    if (entry.name !== null) return entry.name || t('library.unnamed');
    const part = (id: string | null): string => entries()?.find((one) => one.id === id)?.name ?? t('job.unknownName');
    return entry.referenceId === null ? t('job.preset', { target: part(entry.targetId) }) : t('job.pair', { target: part(entry.targetId), reference: part(entry.referenceId) });
  };

  async function download(wanted: readonly RemoteEntry[]): Promise<void> {
    await attempt.run(async () => {
      try {
        for (const { id } of wanted) {
          setFetching({ id, fraction: 0 });
          await sync.download(id, { signal: leaving.signal, onProgress: (fraction) => setFetching({ id, fraction }) });
        }
      } finally {
        setFetching(null);
        await read();
      }
    });
  }

  return {
    entries,
    use,
    fetching,
    failure: attempt.failure,
    isBusy: attempt.isBusy,
    nameOf,
    read: readAgain,
    download,
    remove: (entry: RemoteEntry) =>
      attempt.run(async () => {
        player.forget(entry.id);
        await sync.forget([entry.id]);
        await read();
      }),
    player,
  };
}

export type RemoteEntries = ReturnType<typeof createRemoteEntries>;
