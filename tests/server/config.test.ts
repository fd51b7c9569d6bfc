import { expect, test } from 'vitest';
import { DEFAULT_QUOTAS } from '../../shared/api/workspaces.ts';
import { readConfig } from '../../server/config.ts';

test('without a word from outside it listens on port 8787 of this machine', () => {
  const plain = { port: 8787, host: '127.0.0.1', trustPort: 8788, dataDir: 'data', database: { kind: 'folder', folder: 'data/database' }, needsAccounts: false, quotas: DEFAULT_QUOTAS, trustedProxy: null, metricsToken: null, logLevel: 'warn' };
  expect(readConfig({})).toEqual(plain);
  expect(readConfig({ PORT: '' })).toEqual(plain);
});

test('PORT and HOST override', () => {
  expect(readConfig({ PORT: '65535', HOST: '0.0.0.0', PATH: '/bin' })).toMatchObject({ port: 65535, host: '0.0.0.0' });
});

test('with --https it listens in every network, with the page that explains it on the next port', () => {
  expect(readConfig({}, true)).toMatchObject({ port: 8787, host: '0.0.0.0', trustPort: 8788, dataDir: 'data' });
  expect(readConfig({ PORT: '65535', HOST: '192.168.1.2', DATA_DIR: '/srv/tonetwin' }, true)).toMatchObject({ port: 65535, host: '192.168.1.2', trustPort: 65534, dataDir: '/srv/tonetwin', database: { kind: 'folder', folder: '/srv/tonetwin/database' }, needsAccounts: false });
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
