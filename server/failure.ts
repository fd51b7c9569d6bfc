/** A failed request's answer: the one error body, with the status of the one table. */
import type { Context } from 'hono';
import { AppError, ERRORS } from '../shared/errors.ts';

/** What was thrown stays here; whoever asked learns no more than that something went wrong. */
export function failure(c: Context, thrown: unknown): Response {
  const error = thrown instanceof AppError ? thrown : new AppError('internal', { detail: 'server' });
  const { status } = ERRORS[error.code];
  const { seconds } = error.args;
  if (status === 429 && seconds !== undefined) c.header('Retry-After', String(seconds));
  return c.json(error.toAnswer(), status as 404 | 500);
}
