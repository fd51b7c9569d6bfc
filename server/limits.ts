/** What a connection may take: time and room, against clients that send little, slowly, for ever. */
import { AppError } from '../shared/errors.ts';

/** Of `node:http`. An upload's request may be long: an hour for one is enough, it goes on in the next. */
export const SERVER_LIMITS = { maxHeaderSize: 16 * 1024, headersTimeout: 15_000, requestTimeout: 3600_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 5000 } as const;

/** A line on which nothing moves for so long, in neither direction, is closed: whoever asks for much and reads none of it. */
export const STILL_MS = 10 * 60_000;

/** The body of a request that is no upload has to be there by then. */
export const BODY_MS = 30_000;

/** @throws AppError 'request/too-slow' */
export async function inTime<T>(work: Promise<T>, ms: number = BODY_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new AppError('request/too-slow')), ms)));
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
