/**
 * Routes that are no exchange of JSON: uploads in pieces, bytes with ranges, streams. Mounted by hand, but listed like the
 * others, so that the reference names each and a test attacks each.
 */
import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import type { Access, Method } from './contract.ts';

export interface RawRouteContract<P extends z.ZodObject = z.ZodObject, Q extends z.ZodObject = z.ZodObject> {
  readonly method: Method | 'head';
  /** With places in braces: `/blobs/{id}`. Under `/api`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params: P;
  readonly query: Q;
  /** What goes to and fro, in words: headers, bodies, statuses. */
  readonly speaks: string;
  /** What it answers when all is well. */
  readonly statuses: readonly number[];
  readonly errors: readonly ErrorCode[];
}

const none = z.object({});

export function rawRoute<const M extends Method | 'head', P extends z.ZodObject = typeof none, Q extends z.ZodObject = typeof none>(
  method: M,
  path: string,
  rest: { readonly summary: string; readonly speaks: string; readonly access?: Access; readonly params?: P; readonly query?: Q; readonly statuses: readonly number[]; readonly errors?: readonly ErrorCode[] },
): RawRouteContract<P, Q> & { readonly method: M } {
  const { summary, speaks, access = 'account', params = none, query = none, statuses, errors = [] } = rest;
  return { method, path, summary, speaks, access, params: params as P, query: query as Q, statuses, errors };
}
