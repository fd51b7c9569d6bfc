/**
 * Files that come from outside: shared to the app, or opened with it. They are kept in the library before anything is asked;
 * a shared one leaves the inbox only then.
 */
import { createSignal } from 'solid-js';
import { removeFromInbox, readInbox } from '../storage/inbox/shared-inbox.ts';
import type { RecordingOrigin } from '../jobs/contract.ts';
import type { Adding } from './adding.ts';
import { onLaunchedFiles } from './launched-files.ts';

/** What the address says of a share that brought nothing. */
export type ShareFailure = 'missed' | 'full';

export interface Arrived {
  readonly id: string;
  readonly name: string;
}

/** Errors that may be gone the next time: the file waits in the inbox. */
const WAITS: readonly string[] = ['storage/full', 'storage/failed', 'storage/unavailable', 'job/worker-died', 'network/unavailable'];

export function createArrivals(adding: Adding) {
  const [arrived, setArrived] = createSignal<readonly Arrived[]>([]);
  const [count, setCount] = createSignal(0);

  async function take(file: File, origin: RecordingOrigin): Promise<boolean> {
    setCount((now) => now + 1);
    try {
      const id = await adding.add(file, origin);
      if (id !== null) setArrived((now) => [...now.filter((one) => one.id !== id), { id, name: file.name }]);
      const error = adding.items().find((item) => item.file === file)?.error;
      return !WAITS.includes(error?.code ?? '');
    } finally {
      setCount((now) => now - 1);
    }
  }
  async function takeShared(): Promise<void> {
    for (const { key, file } of await readInbox()) if (await take(file, 'shared')) await removeFromInbox(key);
  }
  return {
    arrived,
    /** Some are still on their way. */
    isBusy: () => count() > 0,
    /** Starts listening; takes what waits already. */
    start() {
      onLaunchedFiles((file) => void take(file, 'opened'));
      void takeShared().catch(() => undefined);
    },
    clear: () => setArrived([]),
  };
}
