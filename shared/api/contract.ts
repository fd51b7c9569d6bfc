/** What a route is, said once: the server checks requests against it, clients are typed by it, the reference is written from it. */
import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Who may call: anybody; a guest, who is known by a cookie alone, or an account; somebody who is signed in. */
export type Access = 'anybody' | 'guest' | 'account';

export interface RouteContract<P extends z.ZodObject = z.ZodObject, Q extends z.ZodObject = z.ZodObject, B extends z.ZodType = z.ZodType, A extends z.ZodType = z.ZodType> {
  readonly method: Method;
  /** With places in braces: `/presets/{id}`. Under `/api`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params: P;
  readonly query: Q;
  /** `nothing` where no body is read. */
  readonly body: B;
  readonly status: 200 | 201 | 204;
  /** `nothing` with status 204. */
  readonly answer: A;
  /** What it may fail with beside what every route may: the request itself, signing in, too many tries, the server. */
  readonly errors: readonly ErrorCode[];
  /** Answers and failures come as `{ success, data, message, error }`; `answer` is the data. */
  readonly isEnveloped: boolean;
}

/** The one body of a failed request, as AppError.toAnswer writes it. */
export const errorAnswer = z.object({
  code: z.string().describe('INVALID_INPUT, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_LARGE, RATE_LIMITED, CONTENT_BLOCKED, UPSTREAM_*, UNAVAILABLE, INTERNAL'),
  message: z.string(),
  detail: z.looseObject({ reason: z.string().describe('The fine code, beside the values of its sentence') }).optional(),
});

/** No body, or none that is looked at. */
export const nothing = z.void();
/** A body that is no JSON: whoever answers reads it. */
export const rawBody = z.unknown();
/** An answer that is no JSON but sound, as its Content-Type says. */
export const sound = z.unknown();
const none = z.object({});

type Given<T, D> = [T] extends [undefined] ? D : T;

/** Fills in what most routes leave out. */
export function route<const M extends Method, P extends z.ZodObject | undefined = undefined, Q extends z.ZodObject | undefined = undefined, B extends z.ZodType | undefined = undefined, A extends z.ZodType | undefined = undefined, const X extends Access = 'account'>(
  method: M,
  path: string,
  rest: { readonly summary: string; readonly access?: X; readonly params?: P; readonly query?: Q; readonly body?: B; readonly status?: 200 | 201 | 204; readonly answer?: A; readonly errors?: readonly ErrorCode[]; readonly isEnveloped?: boolean },
) {
  const { summary, access = 'account', params = none, query = none, body = nothing, answer = nothing, errors = [], isEnveloped = false } = rest;
  const status = rest.status ?? (rest.answer ? 200 : 204);
  return { method, path, summary, access, params, query, body, status, answer, errors, isEnveloped } as unknown as RouteContract<
    Given<P, typeof none> & z.ZodObject, Given<Q, typeof none> & z.ZodObject, Given<B, typeof nothing> & z.ZodType, Given<A, typeof nothing> & z.ZodType
  > & { readonly method: M; readonly access: X };
}
