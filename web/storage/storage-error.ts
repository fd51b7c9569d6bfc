import { AppError } from '../../shared/errors.ts';

/** What the platform threw, in our words. */
export function storageError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const name = thrown instanceof Error ? thrown.name : '';
  if (name === 'QuotaExceededError') return new AppError('storage/full', {}, { cause: thrown });
  if (name === 'NotFoundError') return new AppError('storage/missing', {}, { cause: thrown });
  if (name === 'SecurityError' || name === 'InvalidStateError') return new AppError('storage/unavailable', {}, { cause: thrown });
  return new AppError('storage/failed', {}, { cause: thrown });
}

/** Runs work on the platform's storage and throws AppErrors only. */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw storageError(thrown);
  }
}
