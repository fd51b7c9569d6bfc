/** Sound as an answer: whole, or the part that a player asks for. Source: RFC 9110, sections 14.1.2 and 14.4, of which one range is answered. */
import type { Context } from 'hono';

export interface Audio {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** With its ending, for whoever keeps it. */
  readonly fileName: string;
  readonly isDownload: boolean;
}

/** First and last byte; null: the whole. 'none': there is no such part. */
function rangeOf(header: string | undefined, length: number): readonly [number, number] | null | 'none' {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return null;
  const [from, to] = first === '' ? [Math.max(0, length - Number(last)), length - 1] : [Number(first), last === '' ? length - 1 : Math.min(Number(last), length - 1)];
  return from <= to && from < length ? [from, to] : 'none';
}

export function audioAnswer(context: Context, { bytes, contentType, fileName, isDownload }: Audio): Response {
  const range = rangeOf(context.req.header('range'), bytes.length);
  const headers: Record<string, string> = {
    'Content-Type': contentType, 'Accept-Ranges': 'bytes', 'Cache-Control': 'private, no-cache',
    // What is ours to name is plain; the rest of the name is encoded as RFC 8187 says.
    'Content-Disposition': `${isDownload ? 'attachment' : 'inline'}; filename="speech"; filename*=UTF-8''${encodeURIComponent(fileName).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)}`,
  };
  if (range === 'none') return context.body(null, 416, { ...headers, 'Content-Range': `bytes */${bytes.length}` });
  if (range === null) return context.body(new Uint8Array(bytes), 200, headers);
  const [from, to] = range;
  return context.body(new Uint8Array(bytes.subarray(from, to + 1)), 206, { ...headers, 'Content-Range': `bytes ${from}-${to}/${bytes.length}` });
}
