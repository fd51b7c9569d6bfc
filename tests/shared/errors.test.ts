import { expect, test } from 'vitest';
import { AppError, type ErrorCode, ERRORS } from '../../shared/errors.ts';

test('every failure answers one coarse code in capitals, its sentence and its fine code', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const answer = new AppError(code, { seconds: 3 }).toAnswer();
    expect(Object.keys(answer)).toEqual(['code', 'message', 'detail']);
    expect(answer.code).toMatch(/^[A-Z_]+$/);
    expect(answer.detail).toEqual({ reason: code, seconds: 3 });
  }
});

test.each([
  ['request/invalid', 'INVALID_INPUT'], ['account/sign-in', 'UNAUTHORIZED'], ['account/not-allowed', 'FORBIDDEN'], ['server/not-found', 'NOT_FOUND'],
  ['preset/name-taken', 'CONFLICT'], ['request/too-large', 'TOO_LARGE'], ['account/too-many-tries', 'RATE_LIMITED'], ['server/database', 'UNAVAILABLE'], ['internal', 'INTERNAL'],
] as const)('%s answers %s', (reason, code) => {
  expect(new AppError(reason).toAnswer().code).toBe(code);
});

test('an answer is read back as the failure it was; anything else is an unexpected one', () => {
  const read = AppError.fromAnswer(JSON.parse(JSON.stringify(new AppError('account/too-many-tries', { seconds: 12 }).toAnswer())));
  expect([read.code, read.args, read.retryable]).toEqual(['account/too-many-tries', { seconds: 12 }, true]);
  for (const other of [null, 'Bad gateway', {}, { detail: { reason: 'nothing/known' } }]) expect(AppError.fromAnswer(other).code).toBe('internal');
});
