/** The table of server/README.md, against what the server really reads. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readConfig, schema as ofServer, SECRET_NAMES as serverSecrets } from '../../server/config.ts';
import { readSpeechSettings, schema as ofSpeech, SECRET_NAMES as speechSecrets } from '../../server/speech/settings.ts';

const VARIABLES = { ...ofServer.shape, ...ofSpeech.shape };
const SECRETS = [...serverSecrets, ...speechSecrets];
const NAMES = Object.keys(VARIABLES);

const page = readFileSync(fileURLToPath(new URL('../../server/README.md', import.meta.url)), 'utf8');
const ROWS = page
  .slice(page.indexOf('## Configuration'))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [name = '', what = '', preset = '', example = '', secret = ''] = line.slice(1, -1).split(' | ').map((cell) => cell.trim());
    return { name: name.replaceAll('`', ''), what, preset, example: example.replaceAll('`', ''), secret };
  });

test('the table names every variable once, in the order of the code, and no other', () => {
  expect(ROWS.map(({ name }) => name)).toEqual(NAMES);
});

test('its defaults are those of the code', () => {
  const wrong = ROWS.filter(({ name, preset }) => {
    const value = VARIABLES[name as keyof typeof VARIABLES].safeParse(undefined).data;
    return value === undefined || value === '' ? !/^none(:|$)/.test(preset) : preset !== `\`${value}\``;
  });
  expect(wrong).toEqual([]);
});

test('its examples are taken, and are not the default', () => {
  const taken = (name: string, value: string): boolean => VARIABLES[name as keyof typeof VARIABLES].safeParse(value).success;
  expect(ROWS.filter(({ name, example, preset }) => !taken(name, example) || preset === `\`${example}\``)).toEqual([]);
});

test('it says of every secret that it is one, and something of every variable', () => {
  expect(ROWS.filter(({ secret }) => secret !== 'no').map(({ name }) => name).sort()).toEqual([...SECRETS].sort());
  expect(ROWS.filter(({ what }) => what === '')).toEqual([]);
});

/** Any text is right of these, or is found wrong where it is used. */
const ANY_TEXT = ['HOST', 'DATA_DIR', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

/** Variable, wrong value, what is said of it. */
const WRONG: readonly (readonly [name: string, value: string, said: string])[] = [
  ['PORT', '-1', '"-1" is outside 1 to 65535'],
  ['TRUST_PORT', '65536', '"65536" is outside 1 to 65535'],
  ['PUBLIC_URL', 'https://tonetwin.example/app', '"https://tonetwin.example/app" is no address such as https://tonetwin.example'],
  ['PUBLIC_URL', 'https://tonetwin.example:99999', '"https://tonetwin.example:99999" is no address such as https://tonetwin.example'],
  ['ACCOUNTS', 'ON', '"ON" is neither off nor on'],
  ['DATABASE_URL', 'mysql://root:hidden@db', 'it is no address of a PostgreSQL server (postgres://...)'],
  ['DATABASE_URL', 'postgres://tonetwin:hid#den@db/tonetwin', 'it is no address: signs such as # / ? @ in a password are written as %23 %2F %3F %40'],
  ['OIDC_ISSUER', 'http://id.example', '"http://id.example" is no address under https'],
  ['OIDC_NAME', 'n'.repeat(41), `"${'n'.repeat(41)}" is longer than 40 letters`],
  ['S3_ENDPOINT', 's3.example.org', '"s3.example.org" is no address of a service (https://...)'],
  ['S3_BUCKET', 'A Bucket', '"A Bucket" is no name of a bucket'],
  ['S3_REGION', 'eu west', '"eu west" is no name of a region'],
  ['BLOB_QUOTA_MB', '0', '"0" is less than 1'],
  ['UPLOAD_MAX_MB', '1.5', '"1.5" is not a whole number'],
  ['KEEP_INTERMEDIATE_DAYS', '3651', '"3651" is more than 3650'],
  ['CLAMD_URL', 'http://av', '"http://av" is no address of a ClamAV daemon (tcp://host:3310)'],
  ['CLAMD_URL', 'tcp://av:99999', '"tcp://av:99999" is no address of a ClamAV daemon (tcp://host:3310)'],
  ['TRUSTED_PROXY', '10.0.0.0/33', '"10.0.0.0/33" is no address or network: 10.0.0.0/33'],
  ['DRAIN_SECONDS', '301', '"301" is more than 300'],
  ['METRICS_TOKEN', 'hidden', 'it is shorter than 16 letters'],
  ['METRICS_TOKEN', 'hidden within spaces', 'it is not of plain letters'],
  ['LOG_LEVEL', 'loud', '"loud" is none of silent, error, warn, info, debug'],
  ['QUOTA_MEMBERS', '-1', '"-1" is less than nothing'],
  ['QUOTA_PRESETS', 'many', '"many" is not a number'],
  ['QUOTA_WEBHOOKS', '1000001', '"1000001" is more than 1000000'],
  ['QUOTA_JOBS_PER_DAY', '0.5', '"0.5" is not a whole number'],
  ['STEP_API_KEY', 'hidden within spaces', 'it is no key: it has spaces or other letters than a key'],
  ['STEPFUN_BASE_URL', 'hidden', 'it is no address'],
  ['STEPFUN_MODELS', 'nowhere.json', '"nowhere.json" is no list of models'],
  ['SPEECH_CONCURRENCY', '65', '"65" is outside 1 to 64'],
  ['SPEECH_LOG', 'some', '"some" is none of off, failures and all'],
  ['SPEECH_FILE_SECRET', 'hidden', 'it is shorter than 16 characters'],
  ['SPEAKER_ENCODER', '/models/../secret.json', '"/models/../secret.json" is neither /models/NAME.json nor an address (https://...)'],
  ['SPEAKER_ENCODER', 'http://models.example/encoder.json', '"http://models.example/encoder.json" is neither /models/NAME.json nor an address (https://...)'],
];

const readAll = (environment: Readonly<Record<string, string>>): void => void [readConfig(environment), readSpeechSettings(environment, 'data')];

test.each(WRONG)('%s=%s is refused with a sentence that names it', (name, value, said) => {
  expect(() => readAll({ [name]: value })).toThrow(expect.objectContaining({ code: 'server/config', message: `The configuration value ${name} is wrong: ${said}.` }));
});

test('every variable that can be wrong is among them, and no secret is repeated', () => {
  expect([...new Set([...WRONG.map(([name]) => name), ...ANY_TEXT])].sort()).toEqual([...NAMES].sort());
  expect(WRONG.filter(([name, , said]) => SECRETS.includes(name) && said.includes('hid'))).toEqual([]);
});

test('several hosts of one database, and one in a folder for sockets, are addresses', () => {
  for (const url of ['postgres://user:a,b@first:5432,second:5433/tonetwin', 'postgres://user@[::1]:5432/tonetwin', 'postgres:///tonetwin', 'postgresql://db/tonetwin?sslmode=require']) expect(() => readAll({ DATABASE_URL: url })).not.toThrow();
});
