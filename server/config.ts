/** What the server can be told from outside, validated. */
import { z } from 'zod';
import { AppError } from '../shared/errors.ts';

const schema = z.object({
  /** TCP port, 1 to 65 535. */
  PORT: z.coerce.number('not a number').int('not a whole number').min(1, 'outside 1 to 65535').max(65535, 'outside 1 to 65535').default(8787),
  /** Address to listen on; this machine alone unless told otherwise. */
  HOST: z.string().min(1, 'empty').default('127.0.0.1'),
});

export interface Config {
  readonly port: number;
  readonly host: string;
}

/** @throws AppError 'server/config' naming the first wrong value */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([name, value]) => name in schema.shape && value !== '' && value !== undefined));
  const parsed = schema.safeParse(given);
  if (parsed.success) return { port: parsed.data.PORT, host: parsed.data.HOST };
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0] ?? '');
  throw new AppError('server/config', { name, detail: `"${String(given[name])}" is ${issue?.message ?? 'not understood'}` });
}
