/** Removes what is over: uploads that nobody went on with, blobs that were kept for a time, and the bytes of every row that is gone. */
import { eq, lte, sql } from 'drizzle-orm';
import type { Leases } from '../database/leases.ts';
import type { Queries } from '../database/open-database.ts';
import { blobRemovals, blobs } from '../database/schema.ts';
import type { BlobStore } from './contract.ts';
import { leaseOf } from './uploads.ts';

export interface CleaningParts {
  readonly queries: Queries;
  readonly store: BlobStore;
  readonly leases: Leases;
  readonly nowMs: () => number;
}

export interface Cleaning {
  /** One round; another instance's is waited for by nobody. @returns how many blobs' bytes went */
  run(): Promise<number>;
  /** Soon, without waiting for it. */
  soon(): void;
  /** Every so often, until it is closed. */
  start(): void;
  /** Ends the rounds; one under way is waited for. */
  close(): Promise<void>;
}

const EVERY_MS = 10 * 60_000;
const AT_ONCE = 50;
/** A writer that is told to let go does within this. */
const PATIENCE_MS = 5000;

export function createCleaning({ queries, store, leases, nowMs }: CleaningParts): Cleaning {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<number> | null = null;
  let isAskedAgain = false;
  let isClosed = false;

  async function removeBytes(): Promise<number> {
    let [removed, last] = [0, ''];
    for (;;) {
      const rows = await queries.select().from(blobRemovals).where(last === '' ? undefined : sql`${blobRemovals.id} > ${last}::uuid`).orderBy(blobRemovals.id).limit(AT_ONCE);
      for (const { id, place } of rows) {
        last = id;
        const lease = await leases.take(leaseOf(id), PATIENCE_MS);
        // Still being written: the writer finds the row gone, and the next round the bytes.
        if (!lease) continue;
        try {
          await store.remove(id, place);
          await queries.delete(blobRemovals).where(eq(blobRemovals.id, id));
          removed += 1;
        } finally {
          await lease.release();
        }
      }
      if (rows.length < AT_ONCE || isClosed) return removed;
    }
  }

  async function round(): Promise<number> {
    const lease = await leases.take('cleaning', 0);
    if (!lease) return 0;
    try {
      await queries.delete(blobs).where(lte(blobs.expiresAt, new Date(nowMs())));
      return await removeBytes();
    } finally {
      await lease.release();
    }
  }

  async function run(): Promise<number> {
    if (running) {
      // It may be past what was deleted just now.
      isAskedAgain = true;
      return running;
    }
    running = (async () => {
      let removed = 0;
      do {
        isAskedAgain = false;
        removed += await round();
      } while (isAskedAgain && !isClosed);
      return removed;
    })().finally(() => (running = null));
    return running;
  }

  return {
    run,
    soon() {
      if (!isClosed) void run().catch(() => undefined);
    },
    start() {
      timer = setInterval(() => void run().catch(() => undefined), EVERY_MS);
      timer.unref();
      this.soon();
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      await running?.catch(() => undefined);
    },
  };
}
