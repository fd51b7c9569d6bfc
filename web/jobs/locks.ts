/** Taking turns between tabs: Web Locks, or what stands for them. */
import type { Locks } from './runner.ts';

export function webLocks(locks: LockManager): Locks {
  return {
    async hold(name, signal, work) {
      await locks.request(name, { signal }, work);
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

/** Turns within one page: where a browser has no locks, and in tests. */
export function locksOfPage(): Locks {
  const turns = new Map<string, Promise<unknown>>();
  const held = new Map<string, number>();
  const locks: Locks = {
    hold(name, signal, work) {
      held.set(name, (held.get(name) ?? 0) + 1);
      const turn = (turns.get(name) ?? Promise.resolve())
        .then(() => (signal.aborted ? undefined : work()))
        .finally(() => held.set(name, held.get(name)! - 1));
      turns.set(name, turn.catch(() => undefined));
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
