/** Voices on their way, kept on the device until they are made: offline, over a reload, in any tab. */
import { toAppError } from '../../../shared/errors.ts';
import type { Locks } from '../runner.ts';
import { type Creation, type CreationEvent, type CreationRequest, nextCreation } from './creation.ts';

/** Where they are kept. A record is written whole. */
export interface CreationStore {
  list(): Promise<Creation[]>;
  put(creation: Creation): Promise<void>;
  remove(id: string): Promise<void>;
}

/** What the server is asked for, one stage each. */
export interface CreationSteps {
  upload(wav: Uint8Array<ArrayBuffer>, name: string): Promise<{ readonly id: string }>;
  embed(fileId: string, embedding: Creation['embedding']): Promise<void>;
  clone(fileId: string, request: CreationRequest): Promise<{ readonly voiceId: string; readonly isDuplicate: boolean }>;
}

export interface CreationParts {
  readonly store: CreationStore;
  readonly steps: CreationSteps;
  readonly locks: Locks;
  readonly nowMs: () => number;
  readonly newId: () => string;
  /** Tells the other tabs, and hears from them. */
  readonly channel: { postMessage(message: unknown): void; addEventListener(type: 'message', listener: () => void): void } | null;
}

export interface Creations {
  /** Calls back at once and after every change; answers how to stop. Newest first. */
  watch(listener: (creations: readonly Creation[]) => void): () => void;
  /** Keeps it, then begins. @returns its id  @throws AppError 'storage/full' */
  add(request: CreationRequest, sample: { readonly wav: Uint8Array<ArrayBuffer>; readonly embedding: Creation['embedding'] }): Promise<string>;
  retry(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Takes up what waits: at a start, and when the network is back. */
  resume(): Promise<void>;
}

const LOCK = 'tonetwin-voice-creation';

export function createCreations({ store, steps, locks, nowMs, newId, channel }: CreationParts): Creations {
  const listeners = new Set<(creations: readonly Creation[]) => void>();
  const list = async (): Promise<Creation[]> => (await store.list()).toSorted((a, b) => b.createdMs - a.createdMs);
  const tell = async (): Promise<void> => {
    const now = await list();
    for (const listener of listeners) listener(now);
  };
  async function become(creation: Creation, event: CreationEvent): Promise<Creation> {
    // Taken back meanwhile: what comes after is not written down any more.
    if (!(await store.list()).some(({ id }) => id === creation.id)) throw new Removed();
    const next = nextCreation(creation, event);
    await store.put(next);
    await tell();
    channel?.postMessage('creations');
    return next;
  }
  channel?.addEventListener('message', () => void tell());

  /** From the stage it stands at to the end. A paid clone is asked for by file and model, which the server does once only. */
  async function run(waiting: Creation): Promise<void> {
    let now = await become(waiting, { type: 'started' });
    try {
      if (now.stage === 'uploading') now = await become(now, { type: 'uploaded', fileId: (await steps.upload(now.wav!, now.request.name)).id });
      if (now.stage === 'embedding') {
        await steps.embed(now.fileId!, now.embedding);
        now = await become(now, { type: 'embedded' });
      }
      if (now.stage === 'cloning') await become(now, { type: 'cloned', ...(await steps.clone(now.fileId!, now.request)) });
    } catch (thrown) {
      if (thrown instanceof Removed) return;
      await become(now, { type: 'failed', error: toAppError(thrown).toBody() });
    }
  }

  /** One look through all that waits; each is tried once. Holds the lock: what stands as 'working' was cut off. */
  async function round(): Promise<void> {
    const tried = new Set<string>();
    for (;;) {
      const due = (await store.list()).toSorted((a, b) => a.createdMs - b.createdMs).find(({ id, status }) => !tried.has(id) && (status === 'waiting' || status === 'working'));
      if (!due) return;
      tried.add(due.id);
      await run(due).catch((thrown: unknown) => {
        if (!(thrown instanceof Removed)) throw thrown;
      });
    }
  }

  /** A round that has not begun: it will see whatever is asked for until then. */
  let coming: Promise<void> | null = null;

  /** Queues for the lock, here and among the tabs, so that nothing falls between the last look of a round and its end. */
  function resume(): Promise<void> {
    return (coming ??= locks.hold(LOCK, new AbortController().signal, () => {
      coming = null;
      return round();
    }));
  }

  return {
    watch(listener) {
      listeners.add(listener);
      void list().then((now) => listeners.has(listener) && listener(now), () => undefined);
      return () => void listeners.delete(listener);
    },
    async add(request, { wav, embedding }) {
      const id = newId();
      await store.put({ id, createdMs: nowMs(), request, wav, embedding, stage: 'uploading', status: 'waiting', error: null, fileId: null, voiceId: null, isDuplicate: false });
      await tell();
      // What goes wrong stands in the record.
      void resume().catch(() => undefined);
      return id;
    },
    async retry(id) {
      const found = (await store.list()).find((creation) => creation.id === id);
      if (!found) return;
      await store.put(nextCreation(found, { type: 'retried' }));
      await tell();
      channel?.postMessage('creations');
      await resume();
    },
    async remove(id) {
      await store.remove(id);
      await tell();
      channel?.postMessage('creations');
    },
    resume,
  };
}

class Removed extends Error {}
