/** Puts a contract and what answers it on the app: the request is checked, the caller known, the answer of the promised form. */
import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import { rawBody, type RouteContract } from '../../shared/api/contract.ts';
import type { Caller } from '../auth/access-tokens.ts';

export interface Request<C extends RouteContract> {
  readonly params: z.output<C['params']>;
  readonly query: z.output<C['query']>;
  readonly body: z.output<C['body']>;
  /** Of who calls; only where the contract asks for an account. */
  readonly caller: C['access'] extends 'account' ? Caller : Caller | null;
  /** Address of the client. */
  readonly address: string;
  readonly context: Context;
}

/** An answer that is no JSON, sound or a stream, is made by the handler itself. */
export type Handler<C extends RouteContract> = (request: Request<C>) => Promise<z.input<C['answer']> | Response>;

export interface MountParts {
  /** @throws AppError 'account/sign-in' */
  readonly callerOf: (context: Context) => Promise<Caller | null>;
  readonly addressOf: (context: Context) => string;
}

export interface Mounted {
  readonly contract: RouteContract;
}

const PREFIX = '/api';
/** No body of these routes is larger; uploads have routes of their own. */
export const MOST_BODY_BYTES = 256 * 1024;

function checked<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('request/invalid', { detail: `${[where, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'not understood'}` });
}

async function bodyOf(context: Context): Promise<unknown> {
  const text = await context.req.text();
  if (text === '') return undefined;
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/json\b/i.test(type)) throw new AppError('request/not-json');
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new AppError('request/invalid', { detail: 'the body is not JSON' }, { cause });
  }
}

/** What is mounted is listed, so that a test can attack every route and the reference name each. */
export function createMount(app: Hono, { callerOf, addressOf }: MountParts) {
  const mounted: RouteContract[] = [];
  return {
    mounted,
    on<C extends RouteContract>(contract: C, handler: Handler<C>): void {
      mounted.push(contract);
      const path = `${PREFIX}${contract.path.replace(/\{(\w+)\}/g, ':$1')}`;
      app.on(contract.method.toUpperCase(), path, async (context) => {
        const caller = await callerOf(context);
        if (contract.access === 'account' && !caller) throw new AppError('account/sign-in');
        const request = {
          params: checked(contract.params, context.req.param(), 'path'),
          query: checked(contract.query, context.req.query(), 'query'),
          body: checked(contract.body, contract.method === 'get' || contract.body === rawBody ? undefined : await bodyOf(context), 'body'),
          caller, address: addressOf(context), context,
        };
        const answer = await handler(request as unknown as Request<C>);
        if (answer instanceof Response) return answer;
        context.header('Cache-Control', 'no-store');
        if (contract.status === 204) return context.body(null, 204);
        const data: unknown = contract.answer.parse(answer);
        return context.json((contract.isEnveloped ? { success: true, data, message: '', error: null } : data) as never, contract.status);
      });
    },
  };
}

export type Mount = ReturnType<typeof createMount>;
