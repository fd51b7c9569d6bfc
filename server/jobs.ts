/** The record of jobs: made once by key, moved by reports that may be, and counted, so that listeners miss no change. */
import { createHash } from 'node:crypto';
import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm';
import type { JobFailure, JobOptionsDocument } from '../shared/api/jobs.ts';
import { AppError } from '../shared/errors.ts';
import { type JobState, mayBecome, mayRetry } from '../shared/jobs.ts';
import type { MetricsDocument } from '../shared/metrics.ts';
import type { Queries } from './database/open-database.ts';
import { jobMetrics, jobs, jobSegments } from './database/schema.ts';
import { newId } from './ids.ts';

export type JobRow = typeof jobs.$inferSelect;
type Writer = Pick<Queries, 'insert' | 'update' | 'select' | 'delete' | 'execute'>;

export interface JobRequest {
  readonly mode: 'A' | 'B';
  readonly refKey: string | null;
  readonly tgtKey: string;
  readonly options: JobOptionsDocument;
}

export interface JobSegment {
  readonly index: number;
  readonly firstFrame: number;
  readonly frames: number;
  readonly state: 'waiting' | 'running' | 'done';
}

/** What is missing stays as it is. */
export interface JobReport {
  readonly status?: JobState | undefined;
  readonly progress?: number | undefined;
  readonly segments?: readonly JobSegment[] | undefined;
  readonly metrics?: MetricsDocument | undefined;
  readonly resultKey?: string | null | undefined;
  readonly vizKeys?: readonly string[] | undefined;
  readonly error?: JobFailure | undefined;
}

/** Told after the change is committed. */
export interface JobMove {
  readonly row: JobRow;
  /** null: it is new. */
  readonly from: JobState | null;
  readonly metrics: MetricsDocument | null;
}

export interface JobsParts {
  readonly queries: Queries;
  readonly nowMs: () => number;
  /** In the transaction of a change: what has to be written with it. */
  readonly onMoving?: (writer: Writer, move: JobMove) => Promise<void>;
  readonly onMoved?: (move: JobMove) => void;
}

/** Any number: jobs' own among the locks of the database. */
const LOCK_CLASS = 7_346_202;

const isOver = (status: JobState): boolean => status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED';

export function createJobs({ queries, nowMs, onMoving, onMoved }: JobsParts) {
  /**
   * One change after the other within a workspace, to the end of the transaction: whoever sees a change has seen all with a
   * smaller number.
   */
  async function changing<T>(workspaceId: string, work: (writer: Writer, change: number) => Promise<T>): Promise<T> {
    return queries.transaction(async (transaction) => {
      await transaction.execute(sql`SELECT pg_advisory_xact_lock(${LOCK_CLASS}::int, hashtext(${workspaceId}))`);
      const [next] = await transaction.execute<{ change: string }>(sql`SELECT nextval('job_changes') AS change`);
      return work(transaction, Number(next!.change));
    });
  }

  async function change(row: JobRow, move: (writer: Writer, now: JobRow) => Promise<{ to: Partial<JobRow>; metrics?: MetricsDocument | undefined }>): Promise<JobRow> {
    const moved = await changing(row.workspaceId, async (writer, number): Promise<JobMove> => {
      const [before] = await writer.select().from(jobs).where(eq(jobs.id, row.id));
      if (!before) throw new AppError('server/not-found');
      const { to, metrics = null } = await move(writer, before);
      const [after] = await writer.update(jobs).set({ ...to, change: number, updatedAt: new Date(nowMs()) }).where(eq(jobs.id, row.id)).returning();
      const result = { row: after!, from: before.status, metrics };
      await onMoving?.(writer, result);
      return result;
    });
    onMoved?.(moved);
    return moved.row;
  }

  return {
    /**
     * A new job, or the one of this key.
     * @throws AppError 'job/key-reused' where that one was asked for in other words
     */
    async create(workspaceId: string, userId: string, key: string, { mode, refKey, tgtKey, options }: JobRequest): Promise<JobRow> {
      const requestHash = createHash('sha256').update(JSON.stringify([mode, refKey, tgtKey, options])).digest();
      const ofKey = async (reader: Writer) => (await reader.select().from(jobs).where(and(eq(jobs.workspaceId, workspaceId), eq(jobs.idempotencyKey, key))))[0];
      const same = (row: JobRow): JobRow => {
        if (!requestHash.equals(row.requestHash)) throw new AppError('job/key-reused');
        return row;
      };
      const known = await ofKey(queries);
      if (known) return same(known);
      const moved = await changing(workspaceId, async (writer, number): Promise<JobMove | JobRow> => {
        const meanwhile = await ofKey(writer);
        if (meanwhile) return meanwhile;
        const now = new Date(nowMs());
        const [row] = await writer.insert(jobs).values({
          id: newId(nowMs()), workspaceId, createdBy: userId, mode, refKey, tgtKey, vizKeys: [], options, idempotencyKey: key, requestHash,
          status: 'PENDING', progress: 0, change: number, createdAt: now, updatedAt: now,
        }).returning();
        return { row: row!, from: null, metrics: null };
      });
      if (!('row' in moved)) return same(moved);
      onMoved?.(moved);
      return moved.row;
    },

    async get(id: string): Promise<JobRow> {
      const [row] = await queries.select().from(jobs).where(eq(jobs.id, id));
      if (!row) throw new AppError('server/not-found');
      return row;
    },

    /** The newest first. @param before id of the last one seen */
    list: (workspaceId: string, { status, before, limit }: { status: JobState | undefined; before: string | undefined; limit: number }): Promise<JobRow[]> =>
      queries.select().from(jobs)
        .where(and(eq(jobs.workspaceId, workspaceId), status && eq(jobs.status, status), before === undefined ? undefined : lt(jobs.id, before)))
        .orderBy(desc(jobs.id)).limit(limit),

    /** Jobs with a later change than the one given, in the order of their changes; each once, as it is now. */
    changedSince: (workspaceId: string, change: number, limit: number): Promise<JobRow[]> =>
      queries.select().from(jobs).where(and(eq(jobs.workspaceId, workspaceId), gt(jobs.change, change))).orderBy(asc(jobs.change)).limit(limit),

    /** Number of the latest change; 0 where there was none. */
    async latestChange(workspaceId: string): Promise<number> {
      const [latest] = await queries.select({ change: jobs.change }).from(jobs).where(eq(jobs.workspaceId, workspaceId)).orderBy(desc(jobs.change)).limit(1);
      return latest?.change ?? 0;
    },

    segmentsOf: (id: string) => queries.select().from(jobSegments).where(eq(jobSegments.jobId, id)).orderBy(jobSegments.position),

    /** What was measured on it, newest first. */
    metricsOf: (id: string) => queries.select().from(jobMetrics).where(eq(jobMetrics.jobId, id)).orderBy(desc(jobMetrics.id)).limit(50),

    /** @throws AppError 'job/no-such-step', 'server/not-found' */
    report: (row: JobRow, report: JobReport): Promise<JobRow> =>
      change(row, async (writer, before) => {
        const status = report.status ?? before.status;
        if (!mayBecome(before.status, status)) throw new AppError('job/no-such-step', { from: before.status, to: status });
        const now = new Date(nowMs());
        for (const { index, ...rest } of report.segments ?? []) {
          const state = { ...rest, updatedAt: now };
          await writer.insert(jobSegments).values({ jobId: row.id, position: index, ...state }).onConflictDoUpdate({ target: [jobSegments.jobId, jobSegments.position], set: state });
        }
        if (report.metrics) await writer.insert(jobMetrics).values({ id: newId(nowMs()), jobId: row.id, at: now, measured: report.metrics });
        const to = {
          status,
          progress: status === 'COMPLETED' ? 100 : (report.progress ?? before.progress),
          ...(report.resultKey !== undefined ? { resultKey: report.resultKey } : {}),
          ...(report.vizKeys !== undefined ? { vizKeys: report.vizKeys } : {}),
          error: status === 'FAILED' ? (report.error ?? before.error) : null,
          finishedAt: isOver(status) ? (before.finishedAt ?? now) : null,
        };
        return { to, metrics: report.metrics };
      }),

    /** @throws AppError 'job/no-such-step', 'server/not-found' */
    retry: (row: JobRow): Promise<JobRow> =>
      change(row, async (writer, before) => {
        if (!mayRetry(before.status)) throw new AppError('job/no-such-step', { from: before.status, to: 'PENDING' });
        await writer.delete(jobSegments).where(eq(jobSegments.jobId, row.id));
        return { to: { status: 'PENDING', progress: 0, error: null, finishedAt: null } };
      }),
  };
}

export type Jobs = ReturnType<typeof createJobs>;
