/** What the server can be told from outside, validated. */
import { join } from 'node:path';
import { z } from 'zod';
import { DEFAULT_QUOTAS, type WorkspaceQuotas } from '../shared/api/workspaces.ts';
import { AppError } from '../shared/errors.ts';
import type { ProviderPlace } from './auth/openid.ts';
import type { S3Place } from './blobs/s3/s3-client.ts';
import type { BlobLimits } from './blobs/uploads.ts';
import { wrongNetworks } from './client-address.ts';
import { LOG_LEVELS, type LogLevel } from './log.ts';
import type { DatabasePlace } from './database/open-database.ts';

/** Of several, as `host,host` names them. */
const firstHost = (url: string): string => url.replace(/,[^@/?]*(?=[/?]|$)/, '');

const port = z.coerce.number('not a number').int('not a whole number').min(1, 'outside 1 to 65535').max(65535, 'outside 1 to 65535');

const megabytes = z.coerce.number('not a number').int('not a whole number').min(1, 'less than 1').max(40_000_000, 'more than 40000000');
const quota = z.coerce.number('not a number').int('not a whole number').min(0, 'less than nothing').max(1_000_000, 'more than 1000000');

/** Every variable that it reads, with its default. */
export const schema = z.object({
  /** TCP port, 1 to 65 535. */
  PORT: port.default(8787),
  /** Address to listen on; without one this machine alone, or with --https every network it is in. */
  HOST: z.string().min(1, 'empty').optional(),
  /** With --https: port of the unencrypted page that helps a phone to trust the certificate; without one the port after PORT. */
  TRUST_PORT: port.optional(),
  /** Where people find the page; without one wherever they asked for it. With https:// the server stands behind what ends TLS. */
  PUBLIC_URL: z.string().regex(/^https?:\/\/[\w.:[\]-]+\/?$/, 'no address such as https://tonetwin.example').refine((url) => URL.canParse(url), 'no address such as https://tonetwin.example').transform((url) => url.replace(/\/$/, '')).optional(),
  /** Folder of what the server keeps; relative to the working directory or absolute. */
  DATA_DIR: z.string().min(1, 'empty').default('data'),
  /** The API and its accounts: on, with a database in DATA_DIR, or off. */
  ACCOUNTS: z.enum(['off', 'on'], 'neither off nor on').optional(),
  /** A PostgreSQL server (15 or newer) for them instead. */
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'no address of a PostgreSQL server (postgres://...)').refine((url) => URL.canParse(firstHost(url)), 'no address: signs such as # / ? @ in a password are written as %23 %2F %3F %40').optional(),
  /** A provider of identity (OpenID Connect) that signs in, too: all three, or none. Its redirect address is PUBLIC_URL/api/auth/provider/return. */
  OIDC_ISSUER: z.string().regex(/^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$))/, 'no address under https').refine((url) => URL.canParse(url), 'no address under https').optional(),
  OIDC_CLIENT_ID: z.string().min(1, 'empty').optional(),
  OIDC_CLIENT_SECRET: z.string().min(1, 'empty').optional(),
  /** On its button; the host of the issuer by default. */
  OIDC_NAME: z.string().trim().min(1, 'empty').max(40, 'longer than 40 letters').optional(),
  /** An S3-compatible service for people's files instead of DATA_DIR/blobs: all five, or none. */
  S3_ENDPOINT: z.url({ protocol: /^https?$/, error: 'no address of a service (https://...)' }).optional(),
  S3_BUCKET: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'no name of a bucket').optional(),
  S3_REGION: z.string().regex(/^[a-z0-9-]+$/i, 'no name of a region').optional(),
  S3_ACCESS_KEY: z.string().optional(),
  S3_SECRET_KEY: z.string().optional(),
  /** What a person's files may take, MB. */
  BLOB_QUOTA_MB: megabytes.default(20_000),
  /** What one of them may, MB. */
  UPLOAD_MAX_MB: megabytes.default(4000),
  /** How long intermediate files are kept, days. */
  KEEP_INTERMEDIATE_DAYS: z.coerce.number('not a number').int('not a whole number').min(1, 'less than 1').max(3650, 'more than 3650').default(7),
  /** A ClamAV daemon that looks at files the server can read; without one nobody does. */
  CLAMD_URL: z.string().regex(/^tcp:\/\/[^/:@\s]+:\d{1,5}$|^tcp:\/\/\[[0-9a-f:]+\]:\d{1,5}$/i, 'no address of a ClamAV daemon (tcp://host:3310)').refine((url) => URL.canParse(url), 'no address of a ClamAV daemon (tcp://host:3310)').optional(),
  /** Proxies in front of the server whose word about clients is believed: addresses and networks, by commas. Without it nobody's is. */
  TRUSTED_PROXY: z.string().superRefine((value, context) => {
    const wrong = wrongNetworks(value);
    if (wrong !== null) context.addIssue({ code: 'custom', message: wrong });
  }).optional(),
  /** Told to end (SIGTERM), it says so at /ready and serves on for so long, s: until whatever is in front of it sends nobody more. */
  DRAIN_SECONDS: z.coerce.number('not a number').int('not a whole number').min(0, 'less than nothing').max(300, 'more than 300').default(0),
  /** For who reads /metrics; without it this machine alone may. */
  METRICS_TOKEN: z.string().min(16, 'shorter than 16 letters').regex(/^[\x21-\x7e]+$/, 'not of plain letters').optional(),
  /** What is written to standard output: requests with info, failures of the server with warn. */
  LOG_LEVEL: z.enum(LOG_LEVELS, `none of ${LOG_LEVELS.join(', ')}`).default('warn'),
  /** What a workspace may have. */
  QUOTA_MEMBERS: quota.default(DEFAULT_QUOTAS.members),
  QUOTA_PRESETS: quota.default(DEFAULT_QUOTAS.presets),
  QUOTA_WEBHOOKS: quota.default(DEFAULT_QUOTAS.webhooks),
  QUOTA_JOBS_PER_DAY: quota.default(DEFAULT_QUOTAS.jobs_per_day),
});

export type BlobPlace = { readonly kind: 'folder'; readonly folder: string } | { readonly kind: 's3'; readonly s3: S3Place };

type Values = z.output<typeof schema>;

const S3_NAMES = ['S3_ENDPOINT', 'S3_BUCKET', 'S3_REGION', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'] as const satisfies readonly (keyof Values)[];
/** What is said of a wrong value does not repeat it. */
export const SECRET_NAMES: readonly string[] = ['DATABASE_URL', 'OIDC_CLIENT_SECRET', 'METRICS_TOKEN', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

/** @throws AppError 'server/config' where only some of them are given */
function blobPlace(values: Values): BlobPlace {
  const missing = S3_NAMES.find((name) => values[name] === undefined);
  if (missing === undefined) {
    const [endpoint = '', bucket = '', region = '', accessKey = '', secretKey = ''] = S3_NAMES.map((name) => values[name]);
    return { kind: 's3', s3: { endpoint, bucket, region, accessKey, secretKey } };
  }
  const given = S3_NAMES.find((name) => values[name] !== undefined);
  if (given !== undefined) throw new AppError('server/config', { name: missing, detail: `it is missing, while ${given} is given; a bucket needs all of ${S3_NAMES.join(', ')}` });
  return { kind: 'folder', folder: join(values.DATA_DIR, 'blobs') };
}

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly trustPort: number;
  readonly publicUrl: string | null;
  readonly dataDir: string;
  /** Where accounts and presets are kept; null: there are none. */
  readonly database: DatabasePlace | null;
  readonly provider: ProviderPlace | null;
  /** Somebody asked for accounts by name: without them the server is not to start. Otherwise the page is served without them. */
  readonly needsAccounts: boolean;
  /** Where people's files are kept, and how many. */
  readonly blobs: BlobPlace;
  readonly blobLimits: BlobLimits;
  readonly quotas: WorkspaceQuotas;
  readonly trustedProxy: string | null;
  readonly drainMs: number;
  readonly metricsToken: string | null;
  readonly logLevel: LogLevel;
}

/**
 * @param https  serve the local network under a certificate of our own
 * @throws AppError 'server/config' naming the first wrong value
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>, https = false): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([name, value]) => name in schema.shape && value !== '' && value !== undefined));
  const parsed = schema.safeParse(given);
  if (parsed.success) {
    const { PORT, HOST = https ? '0.0.0.0' : '127.0.0.1', TRUST_PORT = PORT === 65535 ? PORT - 1 : PORT + 1, PUBLIC_URL = null, DATA_DIR, ACCOUNTS, DATABASE_URL } = parsed.data;
    const embedded: DatabasePlace | null = ACCOUNTS !== 'off' ? { kind: 'folder', folder: join(DATA_DIR, 'database') } : null;
    const database: DatabasePlace | null = DATABASE_URL === undefined || ACCOUNTS === 'off' ? embedded : { kind: 'server', url: DATABASE_URL };
    const { BLOB_QUOTA_MB, UPLOAD_MAX_MB, KEEP_INTERMEDIATE_DAYS, CLAMD_URL } = parsed.data;
    const blobLimits = { quotaBytes: BLOB_QUOTA_MB * 1e6, mostUploadBytes: UPLOAD_MAX_MB * 1e6, intermediateDays: KEEP_INTERMEDIATE_DAYS, clamdUrl: CLAMD_URL ?? null };
    const { QUOTA_MEMBERS: members, QUOTA_PRESETS: presets, QUOTA_WEBHOOKS: webhooks, QUOTA_JOBS_PER_DAY: jobs_per_day, TRUSTED_PROXY = null, DRAIN_SECONDS, METRICS_TOKEN = null, LOG_LEVEL } = parsed.data;
    const quotas = { members, presets, webhooks, jobs_per_day };
    return { port: PORT, host: HOST, provider: providerOf(parsed.data), trustPort: TRUST_PORT, publicUrl: PUBLIC_URL, dataDir: DATA_DIR, database, needsAccounts: ACCOUNTS === 'on' || DATABASE_URL !== undefined, blobs: blobPlace(parsed.data), blobLimits, quotas, trustedProxy: TRUSTED_PROXY, drainMs: 1000 * DRAIN_SECONDS, metricsToken: METRICS_TOKEN, logLevel: LOG_LEVEL };
  }
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0] ?? '');
  throw new AppError('server/config', { name, detail: `${SECRET_NAMES.includes(name) ? 'it' : `"${String(given[name])}"`} is ${issue?.message ?? 'not understood'}` });
}

function providerOf({ OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_NAME }: Values): ProviderPlace | null {
  if (OIDC_ISSUER === undefined && OIDC_CLIENT_ID === undefined && OIDC_CLIENT_SECRET === undefined) return null;
  const needed = { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET };
  const missing = Object.entries(needed).find(([, value]) => value === undefined)?.[0];
  if (missing) throw new AppError('server/config', { name: missing, detail: 'it is missing; the other values of the provider are there' });
  return { issuer: OIDC_ISSUER!, clientId: OIDC_CLIENT_ID!, clientSecret: OIDC_CLIENT_SECRET!, name: OIDC_NAME ?? new URL(OIDC_ISSUER!).hostname };
}
