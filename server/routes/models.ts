/** Models an operator lays beside the data, for the page to fetch: whole, or from where a broken download ended. Source: RFC 9110, sections 13 and 14. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import { AppError } from '../../shared/errors.ts';
import { byteRange } from '../blobs/byte-range.ts';
import { failure } from '../failure.ts';

/** No folder, nothing hidden: whatever is asked for lies in the one folder. */
const NAME = /^[A-Za-z0-9_-][\w.-]{0,100}$/;

/** @param folder  of manifests and models; where there is none nothing is found */
export function createModels(folder: string): Hono {
  const app = new Hono();
  app.get('/models/:name', async (c) => {
    const name = c.req.param('name');
    const path = join(folder, name);
    const file = NAME.test(name) ? await stat(path).catch(() => null) : null;
    if (!file?.isFile()) return failure(c, new AppError('server/not-found'));
    const etag = `"${file.size.toString(16)}-${Math.round(file.mtimeMs).toString(16)}"`;
    const headers: Record<string, string> = {
      ETag: etag, 'Accept-Ranges': 'bytes', 'Content-Type': name.endsWith('.json') ? 'application/json' : 'application/octet-stream', 'Cache-Control': 'no-cache, no-transform',
    };
    if (c.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers });
    const ifRange = c.req.header('if-range');
    const range = byteRange(ifRange === undefined || ifRange === etag ? c.req.header('range') : null, file.size);
    const { from, to } = range ?? { from: 0, to: file.size - 1 };
    headers['Content-Length'] = String(to - from + 1);
    if (range) headers['Content-Range'] = `bytes ${from}-${to}/${file.size}`;
    const isEmpty = c.req.method === 'HEAD' || file.size === 0;
    return new Response(isEmpty ? null : (Readable.toWeb(createReadStream(path, { start: from, end: to })) as ReadableStream), { status: range ? 206 : 200, headers });
  });
  app.all('/models/*', (c) => failure(c, new AppError('server/not-found')));
  app.onError((thrown, c) => failure(c, thrown));
  return app;
}
