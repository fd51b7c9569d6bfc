/** Taking turns between tabs: Web Locks, or what stands for them. */
import type { Locks } from './runner.ts';

export function webLocks(locks: LockManager): Locks {
  return {
    async hold(name, signal, work, mode = 'exclusive') {
      await locks.request(name, { signal, mode }, work);
    },
    async tryHold(name, work) {
      let isMine = false;
      await locks.request(name, { ifAvailable: true }, async (lock) => {
        isMine = lock !== null;
        if (isMine) await work();
      });
      return isMine;
    },
    isHeld: async (name) => ((await locks.query()).held ?? []).some((lock) => lock.name === name),
  };
}

/** Who has a name now or waits for it: who wants it alone waits for all, who shares it for the last that wanted it alone. */
interface Line {
  readonly alone: Promise<unknown>;
  readonly sharing: readonly Promise<unknown>[];
}

/** Turns within one page: where a browser has no locks, and in tests. */
export function locksOfPage(): Locks {
  const lines = new Map<string, Line>();
  const held = new Map<string, number>();
  const locks: Locks = {
    hold(name, signal, work, mode = 'exclusive') {
      held.set(name, (held.get(name) ?? 0) + 1);
      const { alone, sharing } = lines.get(name) ?? { alone: Promise.resolve(), sharing: [] };
      const turn = (mode === 'shared' ? alone : Promise.all([alone, ...sharing]))
        .then(() => (signal.aborted ? undefined : work()))
        .finally(() => held.set(name, held.get(name)! - 1));
      const over = turn.catch(() => undefined);
      lines.set(name, mode === 'shared' ? { alone, sharing: [...sharing, over] } : { alone: over, sharing: [] });
      return turn;
    },
    async tryHold(name, work) {
      if ((held.get(name) ?? 0) > 0) return false;
      await locks.hold(name, new AbortController().signal, work);
      return true;
    },
    isHeld: (name) => Promise.resolve((held.get(name) ?? 0) > 0),
  };
  return locks;
}
