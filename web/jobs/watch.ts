/** A list that is told anew after every change: at once, then at most once per task of reading it. */

/**
 * @param read       reads the list
 * @param onChange   calls back after changes; answers how to stop
 * @returns how to stop
 */
export function watchList<T>(read: () => Promise<readonly T[]>, onChange: (listener: () => void) => () => void, listener: (list: readonly T[]) => void): () => void {
  let isStopped = false;
  let isReading = false;
  let isStale = false;

  async function refresh(): Promise<void> {
    if (isReading) {
      isStale = true;
      return;
    }
    isReading = true;
    try {
      do {
        isStale = false;
        const list = await read();
        if (!isStopped) listener(list);
      } while (isStale && !isStopped);
    } catch {
      // The list stays as it was; the next change reads again.
    } finally {
      isReading = false;
    }
  }

  const stop = onChange(() => void refresh());
  void refresh();
  return () => {
    isStopped = true;
    stop();
  };
}
