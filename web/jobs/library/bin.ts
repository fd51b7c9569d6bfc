/**
 * Deleting that can be undone. What is in the bin is hidden and complete; it is removed once its time has come, by
 * whichever tab is open then or by the next start. The fact that it is in the bin goes last, so that a removal that a
 * crash cut short is finished later.
 */
import type { StageTools } from '../../pipeline/stage.ts';
import type { BinRecord, Table } from '../../storage/contract.ts';
import { KEEP_LOCK } from '../shelf.ts';
import { type BinnedEntry, type Deleted, type LibraryEntry, UNDO_MS } from './contract.ts';

export interface Bin {
  put(entries: readonly Deleted[]): Promise<void>;
  restore(ids: readonly string[]): Promise<void>;
  list(): Promise<BinnedEntry[]>;
  /** Removes what has been in the bin for long enough. */
  sweep(): Promise<void>;
  stop(): void;
}

const KINDS: Readonly<Record<LibraryEntry['kind'], BinRecord['kind']>> = { recording: 'recording', take: 'recording', result: 'result', preset: 'preset' };

/** @param remove removes an entry with all that belongs to it; doing it twice is fine */
export function createBin(
  { storage: { documents }, exclusively, nowMs }: StageTools,
  onChange: (tables: readonly Table[], listener: () => void) => () => void,
  remove: (kind: BinRecord['kind'], id: string) => Promise<void>,
): Bin {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  /** Wakes up when the next one's time has come. */
  async function arm(): Promise<void> {
    const waiting = await documents.list('bin');
    clearTimeout(timer);
    if (isStopped || waiting.length === 0) return;
    const nextMs = Math.min(...waiting.map(({ untilMs }) => untilMs));
    timer = setTimeout(() => void bin.sweep().catch(() => undefined), Math.max(0, nextMs - nowMs()) + 1);
  }

  const bin: Bin = {
    async put(entries) {
      const untilMs = nowMs() + UNDO_MS;
      for (const { id, kind, name } of entries) await documents.put('bin', { id, kind: KINDS[kind], name, untilMs });
    },
    async restore(ids) {
      const now = nowMs();
      // What is being removed already cannot be had back.
      for (const id of ids) await documents.update('bin', id, (record) => (record && record.untilMs > now ? undefined : record));
    },
    async list() {
      const now = nowMs();
      return (await documents.list('bin')).filter(({ untilMs }) => untilMs > now).map(({ id, name, untilMs }) => ({ id, name, untilMs }));
    },
    async sweep() {
      // Nobody keeps a recording meanwhile: one that is given again at this moment is either spared or kept afresh.
      await exclusively(KEEP_LOCK, async () => {
        const now = nowMs();
        for (const { id, kind, untilMs } of await documents.list('bin')) {
          if (untilMs > now) continue;
          await remove(kind, id);
          await documents.remove('bin', id);
        }
      });
      await arm();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
      unwatch();
    },
  };
  const unwatch = onChange(['bin'], () => void arm().catch(() => undefined));
  void bin.sweep().catch(() => undefined);
  return bin;
}
