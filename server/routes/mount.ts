/** Puts a contract and what answers it on the app: the request is checked, the caller known, the answer of the promised form. */
import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import { rawBody, type RouteContract } from '../../shared/api/contract.ts';
import type { RawRouteContract } from '../../shared/api/raw-contract.ts';
import { wholeBody } from '../request-body.ts';
import { notesOf } from '../request-notes.ts';
import type { TokenCaller } from '../auth/access-tokens.ts';

export interface Request<C extends RouteContract> {
  readonly params: z.output<C['params']>;
  readonly query: z.output<C['query']>;
  readonly body: z.output<C['body']>;
  /** Of who calls; only where the contract asks for an account. */
  readonly caller: C['access'] extends 'account' ? TokenCaller : TokenCaller | null;
  /** Address of the client. */
  readonly address: string;
  readonly context: Context;
}

export type RawRequest<C extends RawRouteContract> = Omit<Request<RouteContract>, 'params' | 'query' | 'caller' | 'body'> & {
  readonly params: z.output<C['params']>;
  readonly query: z.output<C['query']>;
  /** Of who calls; not to be asked for where the contract lets anybody in. */
  readonly caller: TokenCaller;
};

/** An answer that is no JSON, sound or a stream, is made by the handler itself. */
export type Handler<C extends RouteContract> = (request: Request<C>) => Promise<z.input<C['answer']> | Response>;

export interface MountParts {
  /**
   * @param isReading  nothing is changed: then a token whose session was ended is good for its last minutes
   * @throws AppError 'account/sign-in'
   */
  readonly callerOf: (context: Context, isReading: boolean) => Promise<TokenCaller | null>;
  readonly addressOf: (context: Context) => string;
  /** Of a body at a path. */
  readonly mostBytesOf: (path: string) => number;
}

const PREFIX = '/api';
const READING: ReadonlySet<string> = new Set(['get', 'head', 'options']);
/** No body of these routes is larger; uploads have routes of their own. */
export const MOST_BODY_BYTES = 256 * 1024;

/** No database keeps them in a text: NUL, and half a pair of surrogates, which is no Unicode. */
const UNSTORABLE = /[\0\ud800-\udfff]/u;
/** What JSON may hide them in. */
const HIDING = /\\u(0000|d[89a-f])/i;

/** @throws AppError 'request/invalid' */
function storable(value: unknown, where: string): void {
  if (typeof value === 'string' && UNSTORABLE.test(value)) throw new AppError('request/invalid', { detail: `${where}: not text that can be stored` });
}

/** What stands in an address. */
function told(values: Readonly<Record<string, string>>, where: string): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(values)) storable(value, `${where}.${name}`);
  return values;
}

function checked<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('request/invalid', { detail: `${[where, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'not understood'}` });
}

async function bodyOf(context: Context, mostBytes: number): Promise<unknown> {
  const text = new TextDecoder().decode(await wholeBody(context, mostBytes));
  if (text === '') return undefined;
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/json\b/i.test(type)) throw new AppError('request/not-json');
  try {
    return JSON.parse(text, HIDING.test(text) ? (name, value: unknown) => (storable(name, 'body'), storable(value, `body.${name}`), value) : undefined) as unknown;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('request/invalid', { detail: 'the body is not JSON' }, { cause });
  }
}

/** What is mounted is listed, so that a test can attack every route and the reference name each. */
export function createMount(app: Hono, { callerOf, addressOf, mostBytesOf }: MountParts) {
  const mounted: (RouteContract | RawRouteContract)[] = [];
  /** Who calls; the log and the monitor learn it too. */
  async function known(context: Context, contract: RouteContract | RawRouteContract): Promise<TokenCaller | null> {
    const notes = notesOf(context);
    if (notes) notes.route = `${PREFIX}${contract.path}`;
    const caller = await callerOf(context, READING.has(contract.method));
    if (notes && caller) notes.userId = caller.userId;
    return caller;
  }
  const pathOf = (contract: { readonly path: string }): string => `${PREFIX}${contract.path.replace(/\{(\w+)\}/g, ':$1')}`;
  const placeOf = (contract: { readonly path: string }): RegExp => new RegExp(`^${PREFIX}${contract.path.replace(/\{\w+\}/g, '[^/]+')}$`);
  return {
    mounted,
    /** What an address takes, as `Allow` says it (RFC 9110, section 10.2.1); nothing where there is none. */
    methodsAt(path: string): readonly string[] {
      const found = new Set(mounted.filter((contract) => placeOf(contract).test(path)).map(({ method }) => method.toUpperCase()));
      if (found.has('GET')) found.add('HEAD');
      return found.size === 0 ? [] : [...found.add('OPTIONS')].sort();
    },
    on<C extends RouteContract>(contract: C, handler: Handler<C>): void {
      mounted.push(contract);
      app.on(contract.method.toUpperCase(), pathOf(contract), async (context) => {
        const caller = await known(context, contract);
        if (contract.access === 'account' && !caller) throw new AppError('account/sign-in');
        const request = {
          params: checked(contract.params, told(context.req.param(), 'path'), 'path'),
          query: checked(contract.query, told(context.req.query(), 'query'), 'query'),
          body: checked(contract.body, contract.method === 'get' || contract.body === rawBody ? undefined : await bodyOf(context, mostBytesOf(context.req.path)), 'body'),
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
    /** What is answered elsewhere, so that it is known all the same. */
    list(contract: RawRouteContract): void {
      mounted.push(contract);
    },
    /** What is no exchange of JSON: the handler reads the body and makes the answer itself. */
    raw<C extends RawRouteContract>(contract: C, handler: (request: RawRequest<C>) => Promise<Response>): void {
      mounted.push(contract);
      // Hono looks for what answers GET when it is asked with HEAD.
      const isHead = contract.method === 'head';
      app.on(isHead ? 'GET' : contract.method.toUpperCase(), pathOf(contract), async (context, next) => {
        if (isHead && context.req.method !== 'HEAD') return next();
        const caller = await known(context, contract);
        if (contract.access === 'account' && !caller) throw new AppError('account/sign-in');
        const request = { params: checked(contract.params, told(context.req.param(), 'path'), 'path'), query: checked(contract.query, told(context.req.query(), 'query'), 'query'), caller, address: addressOf(context), context };
        return handler(request as unknown as RawRequest<C>);
      });
    },
  };
}

export type Mount = ReturnType<typeof createMount>;
