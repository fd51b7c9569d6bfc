/**
 * The few requests of Amazon S3's REST interface that are needed, for any service that speaks it. Bodies are signed with their
 * hash and carry Content-MD5; nothing newer (chunked signatures, tags, checksums of other kinds), because not every service knows it.
 * Source: Amazon S3 API Reference; AWS Signature Version 4.
 */
import { AwsClient } from 'aws4fetch';
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../../shared/errors.ts';

export interface S3Place {
  /** Where the service answers, without the bucket. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface S3Part {
  readonly number: number;
  readonly etag: string;
  readonly bytes: number;
}

const TRIES = 4;
const FIRST_WAIT_MS = 200;
/** Until an answer begins. A part is sent within it, too. */
const PATIENCE_MS = 60_000;

/** An answer that says no. */
export class S3Refusal extends Error {
  readonly status: number;
  /** As the service names it: NoSuchUpload. */
  readonly code: string;
  constructor(what: string, status: number, text: string) {
    const code = tagOf(text, 'Code') ?? String(status);
    super(`${what}: ${code}`);
    this.status = status;
    this.code = code;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&quot;': '"', '&amp;': '&', '&lt;': '<', '&gt;': '>', '&apos;': "'", '&#34;': '"' };
const plain = (text: string): string => text.replace(/&\w+;|&#34;/g, (entity) => ENTITIES[entity] ?? entity);

/** What the answers hold is flat: an element of this name, without attributes. */
function tagOf(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return found === undefined ? undefined : plain(found);
}

/** Of a line that breaks, fetch itself only says that it failed. */
function unavailable(thrown: unknown): AppError {
  const { message, cause } = thrown as Error & { readonly cause?: { readonly message?: string; readonly code?: string } };
  return new AppError('server/blobs', { detail: cause?.message || cause?.code || message }, { cause: thrown });
}

export function createS3Client({ endpoint, region, bucket, accessKey, secretKey }: S3Place) {
  // The repeating is ours: theirs stops at answers, and a line that breaks is one, too.
  const client = new AwsClient({ accessKeyId: accessKey, secretAccessKey: secretKey, service: 's3', region, retries: 0 });
  const base = `${endpoint.replace(/\/$/, '')}/${bucket}`;

  async function once(method: string, path: string, body: Uint8Array<ArrayBuffer> | undefined, headers: Record<string, string>): Promise<Response> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(new Error('no answer in time')), PATIENCE_MS);
    const sums: Record<string, string> = { 'x-amz-content-sha256': createHash('sha256').update(body ?? '').digest('hex') };
    if (body) sums['content-md5'] = createHash('md5').update(body).digest('base64');
    try {
      return await client.fetch(`${base}${path}`, { method, headers: { ...sums, ...headers }, signal: patience.signal, ...(body ? { body } : {}) });
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws S3Refusal for an answer below 500 that says no, AppError 'server/blobs' when there is none */
  async function request(method: string, path: string, body?: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> {
    for (let tried = 1; ; tried += 1) {
      let failure: unknown;
      try {
        const answer = await once(method, path, body, headers);
        if (answer.ok) return answer;
        const refusal = new S3Refusal(`${method} ${path.split('?')[0]}`, answer.status, method === 'HEAD' ? '' : await answer.text());
        if (answer.status < 500 && answer.status !== 429) throw refusal;
        failure = refusal;
      } catch (thrown) {
        if (thrown instanceof S3Refusal) throw thrown;
        failure = thrown;
      }
      if (tried === TRIES) throw unavailable(failure);
      await wait(FIRST_WAIT_MS * 2 ** tried * (0.5 + Math.random() / 2));
    }
  }

  const text = async (answer: Promise<Response>): Promise<string> => (await answer).text();
  const encoded = (value: string): string => encodeURIComponent(value);

  return {
    /** @throws S3Refusal, AppError 'server/blobs' */
    async checkBucket(): Promise<void> {
      await request('HEAD', '');
    },
    async put(key: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
      await text(request('PUT', `/${key}`, body, { 'content-type': 'application/octet-stream' }));
    },
    /** @returns the bytes' stream; null where there is no such object */
    async get(key: string, range?: { readonly from: number; readonly to: number }): Promise<ReadableStream<Uint8Array> | null> {
      try {
        const answer = await request('GET', `/${key}`, undefined, range ? { range: `bytes=${range.from}-${range.to}` } : {});
        if (range && answer.status !== 206 && range.from > 0) throw new AppError('server/blobs', { detail: 'it knows no ranges' });
        return answer.body;
      } catch (thrown) {
        if (thrown instanceof S3Refusal && thrown.status === 404) return null;
        throw thrown;
      }
    },
    /** @returns bytes; null where there is no such object */
    async sizeOf(key: string): Promise<number | null> {
      try {
        return Number((await request('HEAD', `/${key}`)).headers.get('content-length'));
      } catch (thrown) {
        if (thrown instanceof S3Refusal && thrown.status === 404) return null;
        throw thrown;
      }
    },
    async remove(key: string): Promise<void> {
      try {
        await text(request('DELETE', `/${key}`));
      } catch (thrown) {
        if (!(thrown instanceof S3Refusal && thrown.status === 404)) throw thrown;
      }
    },
    async begin(key: string): Promise<string> {
      const id = tagOf(await text(request('POST', `/${key}?uploads`, undefined, { 'content-type': 'application/octet-stream' })), 'UploadId');
      if (!id) throw new AppError('server/blobs', { detail: 'it began no upload' });
      return id;
    },
    async putPart(key: string, upload: string, number: number, body: Uint8Array<ArrayBuffer>): Promise<void> {
      await text(request('PUT', `/${key}?partNumber=${number}&uploadId=${encoded(upload)}`, body));
    },
    async parts(key: string, upload: string): Promise<S3Part[]> {
      const found: S3Part[] = [];
      for (let marker = ''; ; ) {
        const xml = await text(request('GET', `/${key}?uploadId=${encoded(upload)}${marker && `&part-number-marker=${marker}`}`));
        for (const [, part = ''] of xml.matchAll(/<Part>(.*?)<\/Part>/gs)) {
          found.push({ number: Number(tagOf(part, 'PartNumber')), etag: tagOf(part, 'ETag') ?? '', bytes: Number(tagOf(part, 'Size')) });
        }
        const next = tagOf(xml, 'NextPartNumberMarker') ?? '';
        if (tagOf(xml, 'IsTruncated') !== 'true' || next === marker) return found;
        marker = next;
      }
    },
    async complete(key: string, upload: string, parts: readonly S3Part[]): Promise<void> {
      const list = parts.map(({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag.replaceAll('"', '&quot;')}</ETag></Part>`).join('');
      const body = new TextEncoder().encode(`<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`);
      const xml = await text(request('POST', `/${key}?uploadId=${encoded(upload)}`, body, { 'content-type': 'application/xml' }));
      // It answers 200 at once, to keep the line open, and may fail afterwards.
      if (xml.includes('<Error>')) throw new S3Refusal('POST complete', 500, xml);
    },
    async abort(key: string, upload: string): Promise<void> {
      try {
        await text(request('DELETE', `/${key}?uploadId=${encoded(upload)}`));
      } catch (thrown) {
        if (!(thrown instanceof S3Refusal && thrown.status === 404)) throw thrown;
      }
    },
    /** Of all objects, in order. */
    async names(): Promise<string[]> {
      const found: string[] = [];
      for (let marker = ''; ; ) {
        const xml = await text(request('GET', `?marker=${encoded(marker)}`));
        const page = [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => plain(key));
        found.push(...page);
        if (page.length === 0 || tagOf(xml, 'IsTruncated') !== 'true') return found;
        marker = page.at(-1)!;
      }
    },
    async makeBucket(): Promise<void> {
      await text(request('PUT', ''));
    },
  };
}

export type S3Client = ReturnType<typeof createS3Client>;
