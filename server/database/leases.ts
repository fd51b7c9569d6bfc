/**
 * Leases: what one of several instances may do at a time. A row per lease, renewed while it is held, so that one whose holder was
 * killed is free again soon. Times are the database's own, the one clock that all instances share.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { Queries } from './open-database.ts';

export interface Lease {
  /** Aborted when somebody waits for it, and when it could not be renewed: the holder ends what it does and lets go. */
  readonly wanted: AbortSignal;
  /** False when it has become somebody else's: nothing may be written any more. One that may be over is asked for, and renewed. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

export interface Leases {
  /**
   * Takes the lease; whoever has it is asked to let go.
   * @param patienceMs  0: at once or not at all, and nobody is asked
   * @returns null where it was not let go in time
   */
  take(name: string, patienceMs: number): Promise<Lease | null>;
}

const LEASE_MS = 5000;
const RENEW_MS = 500;
const ASK_MS = 100;

interface Held {
  readonly name: string;
  readonly wanted: AbortController;
  /** Of this machine's steady clock, ms: earlier than the database's end. */
  safeUntilMs: number;
}

/** @param leaseMs  so long it is somebody's without being renewed; tests are less patient */
export function createLeases(queries: Queries, leaseMs = LEASE_MS): Leases {
  const held = new Map<string, Held>();
  let isRenewing = false;
  const end = sql`clock_timestamp() + ${leaseMs / 1000} * interval '1 second'`;

  /** @returns of those that are still theirs: whether somebody waits */
  async function renew(holders: readonly string[]): Promise<ReadonlyMap<string, boolean>> {
    const list = sql.join(holders.map((holder) => sql`${holder}::uuid`), sql`, `);
    const rows = await queries.execute<{ holder: string; is_wanted: boolean }>(sql`UPDATE leases SET expires_at = ${end} WHERE holder IN (${list}) RETURNING holder, is_wanted`);
    return new Map([...rows].map(({ holder, is_wanted }) => [holder, is_wanted]));
  }

  /** One query for all that this instance holds. */
  async function renewAll(): Promise<void> {
    while (held.size > 0) {
      await wait(RENEW_MS, undefined, { ref: false });
      const holders = [...held.keys()];
      if (holders.length === 0) break;
      const askedMs = performance.now();
      try {
        const renewed = await renew(holders);
        for (const holder of holders) {
          const one = held.get(holder);
          if (!one) continue;
          if (renewed.has(holder)) one.safeUntilMs = askedMs + leaseMs;
          else one.safeUntilMs = 0;
          if (renewed.get(holder) !== false) one.wanted.abort();
        }
      } catch {
        // The database is away; it may be back before the leases are over.
        for (const one of held.values()) if (performance.now() > one.safeUntilMs) one.wanted.abort();
      }
    }
    isRenewing = false;
  }

  function hold(name: string, holder: string, askedMs: number): Lease {
    const one: Held = { name, wanted: new AbortController(), safeUntilMs: askedMs + leaseMs };
    held.set(holder, one);
    if (!isRenewing) {
      isRenewing = true;
      void renewAll();
    }
    return {
      wanted: one.wanted.signal,
      // A busy database answers late; whose it is, it knows.
      isHeld: async () => performance.now() < one.safeUntilMs || (await renew([holder])).has(holder),
      async release() {
        held.delete(holder);
        // Where the database is away it ends by itself.
        await queries.execute(sql`DELETE FROM leases WHERE holder = ${holder}::uuid`).catch(() => undefined);
      },
    };
  }

  return {
    async take(name, patienceMs) {
      const holder = randomUUID();
      const untilMs = performance.now() + patienceMs;
      for (;;) {
        const askedMs = performance.now();
        const taken = await queries.execute(sql`
          INSERT INTO leases AS old (name, holder, expires_at, is_wanted) VALUES (${name}, ${holder}::uuid, ${end}, false)
          ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at, is_wanted = false WHERE old.expires_at <= clock_timestamp()
          RETURNING name`);
        if ([...taken].length > 0) return hold(name, holder, askedMs);
        if (performance.now() >= untilMs) return null;
        // One of ours hears it at once, one of another instance with its next renewal.
        const ours = [...held.values()].find((one) => one.name === name);
        if (ours) ours.wanted.abort();
        else await queries.execute(sql`UPDATE leases SET is_wanted = true WHERE name = ${name} AND NOT is_wanted`);
        await wait(ASK_MS);
      }
    },
  };
}
