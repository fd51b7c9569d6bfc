/** Whether a query failed because the database is away, and not by anything that was asked of it. */

import { DrizzleQueryError } from 'drizzle-orm';

/**
 * Of the driver and the system, and PostgreSQL's own classes 08 (connection), 53300 (too many connections) and 57P01 to 57P03 (shut
 * down, crashed, starting). Source: PostgreSQL documentation, appendix A, Error Codes.
 */
const AWAY = /^(CONNECTION_(CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|08\w{3}|53300|57P0[123])$/;

/**
 * @param thrown  by the driver itself, as where a transaction begins, or by a query, which keeps the driver's own as its cause. Other
 *   causes are none of the database's: a service behind ours is away, too, at times
 */
export function isDatabaseAway(thrown: unknown): boolean {
  const { code } = ((thrown instanceof DrizzleQueryError ? thrown.cause : thrown) ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && AWAY.test(code);
}
