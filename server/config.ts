/** What the server can be told from outside, validated. */
import { join } from 'node:path';
import { z } from 'zod';
import { DEFAULT_QUOTAS, type WorkspaceQuotas } from '../shared/api/workspaces.ts';
import { AppError } from '../shared/errors.ts';
import { wrongNetworks } from './client-address.ts';
import { LOG_LEVELS, type LogLevel } from './log.ts';
import type { DatabasePlace } from './database/open-database.ts';

const port = z.coerce.number('not a number').int('not a whole number').min(1, 'outside 1 to 65535').max(65535, 'outside 1 to 65535');

const quota = z.coerce.number('not a number').int('not a whole number').min(0, 'less than nothing').max(1_000_000, 'more than 1000000');

const schema = z.object({
  /** TCP port, 1 to 65 535. */
  PORT: port.default(8787),
  /** Address to listen on; without one this machine alone, or with --https every network it is in. */
  HOST: z.string().min(1, 'empty').optional(),
  /** With --https: port of the unencrypted page that helps a phone to trust the certificate; without one the port after PORT. */
  TRUST_PORT: port.optional(),
  /** Folder of what the server keeps; relative to the working directory or absolute. */
  DATA_DIR: z.string().min(1, 'empty').default('data'),
  /** The API and its accounts: on, with a database in DATA_DIR, or off. */
  ACCOUNTS: z.enum(['off', 'on'], 'neither off nor on').optional(),
  /** A PostgreSQL server (15 or newer) for them instead. */
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'no address of a PostgreSQL server (postgres://...)').optional(),
  /** Proxies in front of the server whose word about clients is believed: addresses and networks, by commas. Without it nobody's is. */
  TRUSTED_PROXY: z.string().superRefine((value, context) => {
    const wrong = wrongNetworks(value);
    if (wrong !== null) context.addIssue({ code: 'custom', message: wrong });
  }).optional(),
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

/** Told without their value: they hold secrets. */
const SECRET = ['DATABASE_URL', 'METRICS_TOKEN'];

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly trustPort: number;
  readonly dataDir: string;
  /** Where accounts and presets are kept; null: there are none. */
  readonly database: DatabasePlace | null;
  /** Somebody asked for accounts by name: without them the server is not to start. Otherwise the page is served without them. */
  readonly needsAccounts: boolean;
  readonly quotas: WorkspaceQuotas;
  readonly trustedProxy: string | null;
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
    const { PORT, HOST = https ? '0.0.0.0' : '127.0.0.1', TRUST_PORT = PORT === 65535 ? PORT - 1 : PORT + 1, DATA_DIR, ACCOUNTS, DATABASE_URL } = parsed.data;
    const embedded: DatabasePlace | null = ACCOUNTS !== 'off' ? { kind: 'folder', folder: join(DATA_DIR, 'database') } : null;
    const database: DatabasePlace | null = DATABASE_URL === undefined || ACCOUNTS === 'off' ? embedded : { kind: 'server', url: DATABASE_URL };
    const { QUOTA_MEMBERS: members, QUOTA_PRESETS: presets, QUOTA_WEBHOOKS: webhooks, QUOTA_JOBS_PER_DAY: jobs_per_day, TRUSTED_PROXY = null, METRICS_TOKEN = null, LOG_LEVEL } = parsed.data;
    const quotas = { members, presets, webhooks, jobs_per_day };
    return { port: PORT, host: HOST, trustPort: TRUST_PORT, dataDir: DATA_DIR, database, needsAccounts: ACCOUNTS === 'on' || DATABASE_URL !== undefined, quotas, trustedProxy: TRUSTED_PROXY, metricsToken: METRICS_TOKEN, logLevel: LOG_LEVEL };
  }
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0] ?? '');
  throw new AppError('server/config', { name, detail: `${SECRET.includes(name) ? 'it' : `"${String(given[name])}"`} is ${issue?.message ?? 'not understood'}` });
}
