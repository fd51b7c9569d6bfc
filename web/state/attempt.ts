/** One thing at a time that may fail: whether it runs, and what went wrong. */
import { createSignal } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';

export function createAttempt() {
  const [isBusy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  return {
    isBusy,
    failure,
    clear: () => setFailure(null),
    /** Undefined where it failed, or something runs already. What was cancelled is no failure. */
    async run<T>(work: () => Promise<T>): Promise<T | undefined> {
      if (isBusy()) return undefined;
      setFailure(null);
      setBusy(true);
      try {
        return await work();
      } catch (thrown) {
        const error = toAppError(thrown);
        if (error.code !== 'job/cancelled') setFailure(error.toBody());
        return undefined;
      } finally {
        setBusy(false);
      }
    },
  };
}
