/** What the server answered instead of what was asked for, as one of our own errors. */
import { AppError, type ErrorArgs, type ErrorCode, ERRORS } from '../../shared/errors.ts';

/** A gateway that finds no server behind it. */
const UNREACHED: readonly number[] = [502, 503, 504];

const isCode = (value: unknown): value is ErrorCode => typeof value === 'string' && Object.hasOwn(ERRORS, value);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** Numbers and texts of a detail: what sentences are filled with. */
function argsOf(detail: Readonly<Record<string, unknown>>): ErrorArgs {
  const fit = Object.entries(detail).filter((entry): entry is [string, number | string] => entry[0] !== 'reason' && (typeof entry[1] === 'number' || typeof entry[1] === 'string'));
  return Object.fromEntries(fit);
}

/**
 * The body is `{code, message, detail: {reason, ...}}`; `reason` is the fine code. Whatever else comes (a page of a proxy, a code
 * of a newer server) becomes the nearest that we know.
 */
export async function errorOfAnswer(answer: Response): Promise<AppError> {
  const whole: unknown = await answer.json().catch(() => null);
  // The voice studio answers in a frame: the body of the failure stands in it.
  const body = isRecord(whole) && isRecord(whole['error']) ? whole['error'] : whole;
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
  const waiting = Number.isFinite(seconds) ? { seconds } : {};
  if (isRecord(body)) {
    const detail = isRecord(body['detail']) ? body['detail'] : {};
    if (isCode(detail['reason'])) return new AppError(detail['reason'], { ...waiting, ...argsOf(detail) });
    if (typeof body['code'] === 'string') return new AppError('internal', { detail: typeof body['message'] === 'string' ? body['message'] : body['code'] });
  }
  if (UNREACHED.includes(answer.status)) return new AppError('network/unavailable');
  if (answer.status === 404) return new AppError('server/not-found');
  return new AppError('internal', { detail: `HTTP ${answer.status}` });
}
