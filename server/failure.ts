/** A failed request's answer: the one error body, with the status of the one table. */
import type { Context } from 'hono';
import { AppError, ERRORS } from '../shared/errors.ts';
import { isDatabaseAway } from './database/away.ts';
import { notesOf } from './request-notes.ts';

/** Where answers come in a frame: the voice studio. */
export const isEnveloped = (path: string): boolean => /^\/api\/(files|embeddings|voices|tts|speech)(\/|$)/.test(path);

/** Until a database that was started again may answer, s. */
const AWAY_SECONDS = 2;

/** What was thrown stays here; whoever asked learns no more than that something went wrong, and whether to ask again. */
export function failure(c: Context, thrown: unknown): Response {
  const error = thrown instanceof AppError ? thrown : isDatabaseAway(thrown) ? new AppError('server/database', { detail: 'it does not answer', seconds: AWAY_SECONDS }) : new AppError('internal', { detail: 'server' });
  const notes = notesOf(c);
  if (notes) notes.thrown = thrown;
  // What is left of a body that is not read would be taken for the next request.
  if (error.code === 'request/too-slow' || error.code === 'request/too-large') c.header('Connection', 'close');
  const { status } = ERRORS[error.code];
  // RFC 9110, section 11.6.1; browsers show no dialog for this scheme (RFC 6750, section 3).
  if (status === 401) c.header('WWW-Authenticate', 'Bearer');
  const { seconds } = error.args;
  if ((status === 429 || status === 503) && seconds !== undefined) c.header('Retry-After', String(seconds));
  const answer = error.toAnswer();
  return c.json(isEnveloped(c.req.path) ? { success: false, data: null, message: answer.message, error: answer } : answer, status as 404 | 500);
}
