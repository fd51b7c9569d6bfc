import { expect, test } from 'vitest';
import { AppError } from '../../../../shared/errors.ts';
import { nextUpload, type UploadEvent, waitingUpload, waitMs } from '../../../../web/jobs/sync/upload-machine.ts';
import type { UploadState } from '../../../../web/storage/contract.ts';

const error = new AppError('network/unavailable').toBody();
const failed = (isRetryable = true, chance = 1): UploadEvent => ({ type: 'failed', error, isRetryable, chance });
const began: UploadEvent = { type: 'began', totalBytes: 100 };
const after = (...events: readonly UploadEvent[]): UploadState => events.reduce<UploadState>((state, event) => nextUpload(state, event, 1000), waitingUpload);

test('what fails waits twice as long each time, ten minutes at most, and never all at the same moment', () => {
  expect([0, 1, 2, 20].map((attempts) => waitMs(attempts, 1))).toEqual([2000, 4000, 8000, 600_000]);
  expect([waitMs(3, 0), waitMs(3, 1)]).toEqual([3200, 16_000]);
  expect(after(began, failed(), began, failed())).toEqual({ status: 'waiting', attempts: 2, notBeforeMs: 5000, error });
});

test('what gets on has not failed: its next wait is a short one', () => {
  const sent = (sentBytes: number): UploadEvent => ({ type: 'sent', sentBytes, totalBytes: 100 });
  expect(after(began, failed(), began, failed(), began, sent(10), sent(20), failed())).toMatchObject({ attempts: 1, notBeforeMs: 3000 });
});

test('an interruption is no failure', () => {
  expect(after(began, failed(), began, { type: 'interrupted' })).toEqual({ status: 'waiting', attempts: 1, notBeforeMs: 1000, error: null });
});

test('what cannot succeed stands as failed until it is asked for again, or is no longer the same', () => {
  const stuck = after(began, failed(false));
  expect(stuck).toEqual({ status: 'failed', error });
  for (const event of [{ type: 'interrupted' }, failed(), { type: 'sent', sentBytes: 1, totalBytes: 2 }] as const) expect(nextUpload(stuck, event, 0)).toBe(stuck);
  for (const event of [{ type: 'retried' }, { type: 'outdated' }] as const) expect(nextUpload(stuck, event, 0)).toEqual(waitingUpload);
});

test('what is stored stays so, but for what is found to be gone or changed', () => {
  const stored = after(began, { type: 'stored', blobId: 'b' });
  expect(stored).toEqual({ status: 'stored', blobId: 'b', storedMs: 1000 });
  for (const event of [began, failed(), { type: 'interrupted' }, { type: 'retried' }] as const) expect(nextUpload(stored, event, 5)).toBe(stored);
  expect(nextUpload(stored, { type: 'outdated' }, 5)).toEqual(waitingUpload);
});
