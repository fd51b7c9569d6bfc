import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBucket } from '../../../server/blobs/s3/make-bucket.ts';

/** What a service of S3's kind says of buckets: HEAD Bucket, CreateBucket (Amazon S3 API Reference). */
const buckets = new Set<string>();
const asked: string[] = [];
let service: Server;
let endpoint = '';
beforeAll(async () => {
  service = createServer((request, answer) => {
    const bucket = request.url!.slice(1);
    asked.push(`${request.method} ${bucket}`);
    const isSigned = request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=key/') ?? false;
    if (request.method === 'PUT' && isSigned) buckets.add(bucket);
    answer.writeHead(!isSigned ? 403 : buckets.has(bucket) ? 200 : 404).end();
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});
afterAll(() => void service.close());

async function run(environment: Readonly<Record<string, string>>) {
  const [said, complained]: [string[], string[]] = [[], []];
  const status = await makeBucket({ environment, say: (line) => void said.push(line), complain: (line) => void complained.push(line) });
  return { status, said, complained };
}

const place = (more: Readonly<Record<string, string>> = {}) => ({ S3_ENDPOINT: endpoint, S3_BUCKET: 'takes', S3_REGION: 'us-east-1', S3_ACCESS_KEY: 'key', S3_SECRET_KEY: 'secret', ...more });

test('a bucket that is not there is made, once', async () => {
  expect(await run(place())).toEqual({ status: 0, said: ['The bucket takes is made.'], complained: [] });
  expect(await run(place())).toEqual({ status: 0, said: ['The bucket takes is there.'], complained: [] });
  expect(asked).toEqual(['HEAD takes', 'PUT takes', 'HEAD takes']);
});

test('one that may not be made, none that is configured, and a service that is not there, are sentences', async () => {
  expect(await run(place({ S3_BUCKET: 'other', S3_ACCESS_KEY: 'stranger' }))).toEqual({ status: 1, said: [], complained: ['The service does not allow it: HEAD : 403'] });
  expect(await run({})).toEqual({ status: 1, said: [], complained: ['The configuration value S3_ENDPOINT is wrong: it is missing: there is no bucket to make.'] });
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  await once(gone.close(), 'close');
  expect((await run(place({ S3_ENDPOINT: `http://127.0.0.1:${port}` }))).complained).toEqual([`The place where files are kept cannot be used (connect ECONNREFUSED 127.0.0.1:${port}).`]);
  expect(buckets.has('other')).toBe(false);
});
