import { expect, test } from 'vitest';
import { DEFAULT_QUOTAS } from '../../shared/api/workspaces.ts';
import { readConfig } from '../../server/config.ts';

test('without a word from outside it listens on port 8787 of this machine', () => {
  const plain = { port: 8787, host: '127.0.0.1', trustPort: 8788, publicUrl: null, provider: null, dataDir: 'data', database: { kind: 'folder', folder: 'data/database' }, needsAccounts: false };
  expect(readConfig({})).toMatchObject(plain);
  expect(readConfig({ PORT: '' })).toMatchObject(plain);
});

test('PORT and HOST override', () => {
  expect(readConfig({ PORT: '65535', HOST: '0.0.0.0', PATH: '/bin' })).toMatchObject({ port: 65535, host: '0.0.0.0' });
});

test('with --https it listens in every network, with the page that explains it on the next port', () => {
  expect(readConfig({}, true)).toMatchObject({ port: 8787, host: '0.0.0.0', trustPort: 8788, publicUrl: null, provider: null, dataDir: 'data' });
  expect(readConfig({ PORT: '65535', HOST: '192.168.1.2', DATA_DIR: '/srv/tonetwin' }, true)).toMatchObject({ port: 65535, host: '192.168.1.2', trustPort: 65534, publicUrl: null, provider: null, dataDir: '/srv/tonetwin', database: { kind: 'folder', folder: '/srv/tonetwin/database' }, needsAccounts: false });
  expect(readConfig({ TRUST_PORT: '8080' }, true).trustPort).toBe(8080);
});

test.each([
  ['0', 'The configuration value PORT is wrong: "0" is outside 1 to 65535.'],
  ['65536', 'The configuration value PORT is wrong: "65536" is outside 1 to 65535.'],
  ['80.5', 'The configuration value PORT is wrong: "80.5" is not a whole number.'],
  ['web', 'The configuration value PORT is wrong: "web" is not a number.'],
])('PORT=%s is refused with a sentence', (port, sentence) => {
  expect(() => readConfig({ PORT: port })).toThrow(sentence);
});

test('accounts are kept in DATA_DIR, or by a server, or not at all', () => {
  expect(readConfig({ ACCOUNTS: 'off' })).toMatchObject({ database: null, needsAccounts: false });
  expect(readConfig({ ACCOUNTS: 'off', DATABASE_URL: 'postgres://a:b@db/tonetwin' }).database).toBeNull();
  expect(readConfig({ ACCOUNTS: 'on' }).needsAccounts).toBe(true);
  expect(readConfig({ ACCOUNTS: 'on', DATA_DIR: '/srv/tonetwin' }).database).toEqual({ kind: 'folder', folder: '/srv/tonetwin/database' });
  expect(readConfig({ DATABASE_URL: 'postgres://a:b@db/tonetwin' }).database).toEqual({ kind: 'server', url: 'postgres://a:b@db/tonetwin' });
  expect(() => readConfig({ ACCOUNTS: 'yes' })).toThrow('The configuration value ACCOUNTS is wrong: "yes" is neither off nor on.');
});

test('a wrong DATABASE_URL is told without its password', () => {
  expect(() => readConfig({ DATABASE_URL: 'mysql://root:secret@db' })).toThrow(/^The configuration value DATABASE_URL is wrong: it is no address of a PostgreSQL server \(postgres:\/\/\.\.\.\)\.$/);
});

test('PUBLIC_URL is an address without a path', () => {
  expect(readConfig({ PUBLIC_URL: 'https://tonetwin.example/' }).publicUrl).toBe('https://tonetwin.example');
  for (const wrong of ['tonetwin.example', 'https://tonetwin.example/app', 'javascript:alert(1)']) expect(() => readConfig({ PUBLIC_URL: wrong })).toThrow('The configuration value PUBLIC_URL is wrong');
});

test('a provider of identity is all of its three values, under https or on this machine', () => {
  const given = { OIDC_ISSUER: 'https://id.example/realm', OIDC_CLIENT_ID: 'tonetwin', OIDC_CLIENT_SECRET: 'secret' };
  expect(readConfig(given).provider).toEqual({ issuer: 'https://id.example/realm', clientId: 'tonetwin', clientSecret: 'secret', name: 'id.example' });
  expect(readConfig({ ...given, OIDC_NAME: 'Our house' }).provider?.name).toBe('Our house');
  expect(() => readConfig({ ...given, OIDC_CLIENT_SECRET: '' })).toThrow('The configuration value OIDC_CLIENT_SECRET is wrong: it is missing; the other values of the provider are there.');
  expect(() => readConfig({ ...given, OIDC_ISSUER: 'http://id.example' })).toThrow('"http://id.example" is no address under https');
  expect(readConfig({ ...given, OIDC_ISSUER: 'http://127.0.0.1:9000' }).provider?.issuer).toBe('http://127.0.0.1:9000');
});

const S3 = { S3_ENDPOINT: 'https://s3.example.org', S3_BUCKET: 'tonetwin', S3_REGION: 'eu-1', S3_ACCESS_KEY: 'key', S3_SECRET_KEY: 'secret' };

test('files are kept in DATA_DIR, or in a bucket', () => {
  expect(readConfig({ DATA_DIR: '/srv/tonetwin' }).blobs).toEqual({ kind: 'folder', folder: '/srv/tonetwin/blobs' });
  expect(readConfig(S3).blobs).toEqual({ kind: 's3', s3: { endpoint: 'https://s3.example.org', bucket: 'tonetwin', region: 'eu-1', accessKey: 'key', secretKey: 'secret' } });
  expect(readConfig({ BLOB_QUOTA_MB: '5', UPLOAD_MAX_MB: '2', KEEP_INTERMEDIATE_DAYS: '1', CLAMD_URL: 'tcp://av:3310' }).blobLimits).toEqual({ quotaBytes: 5e6, mostUploadBytes: 2e6, intermediateDays: 1, clamdUrl: 'tcp://av:3310' });
});

test('a bucket that is half told, or wrongly, is refused with a sentence that holds no secret', () => {
  const { S3_REGION: _region, ...half } = S3;
  expect(() => readConfig(half)).toThrow('The configuration value S3_REGION is wrong: it is missing, while S3_ENDPOINT is given; a bucket needs all of S3_ENDPOINT, S3_BUCKET, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY.');
  expect(() => readConfig({ ...S3, S3_ENDPOINT: 's3.example.org' })).toThrow('The configuration value S3_ENDPOINT is wrong: "s3.example.org" is no address of a service (https://...).');
  expect(() => readConfig({ ...S3, S3_BUCKET: 'No Bucket' })).toThrow('The configuration value S3_BUCKET is wrong: "No Bucket" is no name of a bucket.');
  expect(() => readConfig({ CLAMD_URL: 'http://av' })).toThrow('The configuration value CLAMD_URL is wrong: "http://av" is no address of a ClamAV daemon (tcp://host:3310).');
});

test('what a workspace may have can be told', () => {
  expect(readConfig({ QUOTA_MEMBERS: '5', QUOTA_JOBS_PER_DAY: '0' }).quotas).toEqual({ ...DEFAULT_QUOTAS, members: 5, jobs_per_day: 0 });
  expect(() => readConfig({ QUOTA_PRESETS: '-1' })).toThrow('The configuration value QUOTA_PRESETS is wrong: "-1" is less than nothing.');
});

test.each([
  ['TRUSTED_PROXY', '10.0.0.1, 10.1.0.0/16, ::1', null],
  ['TRUSTED_PROXY', 'proxy.local', 'The configuration value TRUSTED_PROXY is wrong: "proxy.local" is no address or network: proxy.local.'],
  ['TRUSTED_PROXY', '10.0.0.0/33', 'The configuration value TRUSTED_PROXY is wrong: "10.0.0.0/33" is no address or network: 10.0.0.0/33.'],
  ['METRICS_TOKEN', 'a-long-enough-token', null],
  ['METRICS_TOKEN', 'short', 'The configuration value METRICS_TOKEN is wrong: it is shorter than 16 letters.'],
  ['LOG_LEVEL', 'info', null],
  ['LOG_LEVEL', 'loud', 'The configuration value LOG_LEVEL is wrong: "loud" is none of silent, error, warn, info, debug.'],
])('%s=%s is taken, or refused with a sentence', (name, value, sentence) => {
  if (sentence === null) expect(() => readConfig({ [name]: value })).not.toThrow();
  else expect(() => readConfig({ [name]: value })).toThrow(sentence);
});
