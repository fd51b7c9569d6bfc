/** Which bytes a request asks for. Source: RFC 9110, section 14; one range, as `bytes` only. */
import { AppError } from '../../shared/errors.ts';

export interface ByteRange {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

/**
 * @param header  of Range, or null
 * @returns null: all of it. So it is, too, for what is no range of bytes or more than one, which a server may leave unheeded.
 * @throws AppError 'blob/range' for one that lies outside
 */
export function byteRange(header: string | null | undefined, bytes: number): ByteRange | null {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  const outside = (): AppError => new AppError('blob/range', { bytes });
  if (first === '') {
    if (Number(last) === 0 || bytes === 0) throw outside();
    return { from: Math.max(0, bytes - Number(last)), to: bytes - 1 };
  }
  const [from, to] = [Number(first), last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1)];
  if (last !== '' && Number(last) < from) return null;
  if (from >= bytes) throw outside();
  return { from, to };
}
