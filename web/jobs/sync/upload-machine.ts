/** The states of an upload: one pure function, given its clock and its chance. */
import type { ErrorBody } from '../../../shared/errors.ts';
import type { UploadState } from '../../storage/contract.ts';

export type UploadEvent =
  | { readonly type: 'began'; readonly totalBytes: number | null }
  | { readonly type: 'sent'; readonly sentBytes: number; readonly totalBytes: number | null }
  | { readonly type: 'stored'; readonly blobId: string }
  /** @param chance  0 to 1: when to try again, between nothing and all of the time that is due */
  | { readonly type: 'failed'; readonly error: ErrorBody; readonly isRetryable: boolean; readonly chance: number }
  /** The page went, the network did, or the person changed their mind: no fault of it. */
  | { readonly type: 'interrupted' }
  | { readonly type: 'retried' }
  /** What was there is no more, or is no longer what is here. */
  | { readonly type: 'outdated' };

export const waitingUpload: UploadState = { status: 'waiting', attempts: 0, notBeforeMs: 0, error: null };

/** First wait, doubled with every attempt that brings nothing. */
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 10 * 60_000;

/**
 * Full jitter: anything between a fifth of the wait and all of it, so that many devices that a server lost at once do not come back
 * at once. Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. Departs from it: the fifth.
 */
export const waitMs = (attempts: number, chance: number): number => Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts) * (0.2 + 0.8 * chance);

export function nextUpload(state: UploadState, event: UploadEvent, nowMs: number): UploadState {
  const attempts = 'attempts' in state ? state.attempts : 0;
  switch (event.type) {
    case 'began':
      return state.status === 'stored' ? state : { status: 'sending', attempts, sentBytes: 0, totalBytes: event.totalBytes };
    case 'sent':
      // What gets on has not failed: the next wait is a short one again.
      return state.status === 'sending' ? { ...state, attempts: event.sentBytes > state.sentBytes && state.sentBytes > 0 ? 0 : attempts, sentBytes: event.sentBytes, totalBytes: event.totalBytes } : state;
    case 'stored':
      return { status: 'stored', blobId: event.blobId, storedMs: nowMs };
    case 'failed':
      if (state.status !== 'sending') return state;
      return event.isRetryable ? { status: 'waiting', attempts: attempts + 1, notBeforeMs: nowMs + waitMs(attempts, event.chance), error: event.error } : { status: 'failed', error: event.error };
    case 'interrupted':
      return state.status === 'sending' ? { status: 'waiting', attempts, notBeforeMs: nowMs, error: null } : state;
    case 'retried':
      return state.status === 'failed' || state.status === 'waiting' ? waitingUpload : state;
    case 'outdated':
      return waitingUpload;
    default:
      return event satisfies never;
  }
}
