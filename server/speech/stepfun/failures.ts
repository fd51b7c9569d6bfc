/** What the provider's failures are to our callers: one table. Source: its page of error codes; `censorship_block` is seen with other statuses too. */
import { AppError } from '../../../shared/errors.ts';
import { errorAnswer } from './wire.ts';

/** Nothing says when to come back, so we say it. s */
export const BUSY_SECONDS = 10;
const MOST_DETAIL = 200;
/** Cause of a failure that was refused before anything was begun. */
export const OVERLOADED = 'overloaded';

/**
 * @param status  of the answer, 400 to 599
 * @param body    as it came; may be anything
 */
export function upstreamFailure(status: number, body: unknown): AppError {
  const parsed = errorAnswer.safeParse(body);
  const { type = '', message = '' } = parsed.success ? parsed.data.error : {};
  if (status === 451 || type === 'censorship_block') return new AppError('content/blocked');
  if (status === 401 || status === 403 || type === 'invalid_api_key') return new AppError('upstream/auth');
  if (status === 402) return new AppError('upstream/quota');
  if (status === 404) return new AppError('upstream/not-found');
  if (status === 429) return new AppError('upstream/rate-limited', { seconds: BUSY_SECONDS });
  if (status === 503) return new AppError('upstream/failed', {}, { cause: OVERLOADED });
  if (status >= 500) return new AppError('upstream/failed');
  return new AppError('upstream/invalid-request', { detail: (message || type || `status ${status}`).slice(0, MOST_DETAIL) });
}

/** Whether it says that the service itself is ill, which the circuit counts. */
export const isIllness = (error: AppError): boolean => error.code === 'upstream/failed' || error.code === 'upstream/timeout';
