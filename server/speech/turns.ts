/** So many at a time; the others wait for their turn in the order they came. */
import { AppError, throwIfAborted } from '../../shared/errors.ts';

export interface Turns {
  /** @returns what ends the turn; safe to call twice. @throws AppError 'upstream/rate-limited' where too many wait already, 'job/cancelled' */
  take(signal: AbortSignal): Promise<() => void>;
  running(): number;
}

/** s to come back after, told to whoever finds the queue full. */
const FULL_SECONDS = 5;

export function createTurns(atATime: number, mostWaiting: number): Turns {
  let running = 0;
  const waiting: (() => void)[] = [];
  const turn = (): (() => void) => {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      running -= 1;
      waiting.shift()?.();
    };
  };
  return {
    running: () => running,
    async take(signal) {
      throwIfAborted(signal);
      if (running >= atATime) {
        if (waiting.length >= mostWaiting) throw new AppError('upstream/rate-limited', { seconds: FULL_SECONDS });
        await new Promise<void>((resolve, reject) => {
          const go = (): void => {
            signal.removeEventListener('abort', stop);
            running += 1;
            resolve();
          };
          const stop = (): void => {
            waiting.splice(waiting.indexOf(go), 1);
            reject(new AppError('job/cancelled'));
          };
          waiting.push(go);
          signal.addEventListener('abort', stop, { once: true });
        });
        return turn();
      }
      running += 1;
      return turn();
    },
  };
}
