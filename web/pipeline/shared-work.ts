/** Work that several may want at once: done once, told to all, stopped when nobody wants it any more. */
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import type { StageTask } from './stage.ts';

interface Running<T> {
  readonly outcome: Promise<T>;
  readonly controller: AbortController;
  readonly wanted: Set<StageTask>;
}

export interface SharedWork<T> {
  /**
   * Joins the work under this name, or starts it.
   * @throws AppError 'job/cancelled' to the one whose signal ends, as soon as it ends; whatever the work throws to all
   */
  run(name: string, task: StageTask, work: (task: StageTask) => Promise<T>): Promise<T>;
  /** What comes of the work under this name while it is under way; looking on keeps nobody working. */
  underWay(name: string): Promise<T> | undefined;
}

export function createSharedWork<T>(): SharedWork<T> {
  const all = new Map<string, Running<T>>();

  function start(name: string, work: (task: StageTask) => Promise<T>): Running<T> {
    const controller = new AbortController();
    const wanted = new Set<StageTask>();
    const onProgress: StageTask['onProgress'] = (fraction, segment) => wanted.forEach((task) => task.onProgress?.(fraction, segment));
    const outcome = work({ signal: controller.signal, onProgress }).finally(() => {
      if (all.get(name) === running) all.delete(name);
    });
    const running: Running<T> = { outcome, controller, wanted };
    all.set(name, running);
    return running;
  }

  return {
    underWay: (name) => all.get(name)?.outcome,
    async run(name, task, work) {
      const { signal } = task;
      throwIfAborted(signal);
      const running = all.get(name) ?? start(name, work);
      const { outcome, controller, wanted } = running;
      wanted.add(task);
      return new Promise<T>((resolve, reject) => {
        const leave = (): void => {
          wanted.delete(task);
          reject(new AppError('job/cancelled'));
          if (wanted.size > 0) return;
          // Whoever wants it from now on starts anew.
          if (all.get(name) === running) all.delete(name);
          controller.abort();
        };
        signal?.addEventListener('abort', leave, { once: true });
        outcome.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave));
      });
    },
  };
}
