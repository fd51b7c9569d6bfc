/** Where a list that is ordered by a time goes on: behind the last one that was shown, which clients hand back as they got it. */
import { AppError } from '../../shared/errors.ts';

const UUID = /^[0-9a-f-]{36}$/;

/** @param id  tells apart what happened at the same time */
export const timeCursor = (at: Date, id: string): string => Buffer.from(`${at.toISOString()} ${id}`).toString('base64url');

/**
 * @param form  of ids in this list
 * @throws AppError 'request/invalid' for one that is none of ours
 */
export function readTimeCursor(cursor: string, form: RegExp = UUID): { readonly at: Date; readonly id: string } {
  const [time = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const at = new Date(time);
  if (Number.isNaN(at.getTime()) || !form.test(id)) throw new AppError('request/invalid', { detail: 'query.cursor: not one of ours' });
  return { at, id };
}
