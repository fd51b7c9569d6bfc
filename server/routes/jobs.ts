/** Jobs: recorded, reported on, listed. */
import { inArray, sql } from 'drizzle-orm';
import * as contract from '../../shared/api/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import type { MetricsDocument } from '../../shared/metrics.ts';
import { countTry } from '../auth/rate-limits.ts';
import type { Queries } from '../database/open-database.ts';
import { jobMetrics } from '../database/schema.ts';
import type { JobEvents } from '../job-events.ts';
import type { JobRow, Jobs } from '../jobs.ts';
import type { Quotas } from '../quotas.ts';
import type { Deed, Workspaces } from '../workspaces.ts';
import type { Mount } from './mount.ts';

export interface JobRouteParts {
  readonly queries: Queries;
  readonly jobs: Jobs;
  readonly events: JobEvents;
  readonly workspaces: Workspaces;
  readonly quotas: Quotas;
  readonly nowMs: () => number;
  /** Where a stored file can be loaded by this person for a while; null where it is not stored, or not theirs. */
  readonly fileUrl: (userId: string, key: string) => Promise<string | null>;
}

const DAY_SECONDS = 24 * 3600;

export function mountJobs(mount: Mount, { queries, jobs, events, workspaces, quotas, nowMs, fileUrl }: JobRouteParts): void {
  /** @throws AppError 'server/not-found', 'account/not-allowed' */
  async function owned(userId: string, id: string, deed: Deed): Promise<JobRow> {
    const row = await jobs.get(id);
    await workspaces.allowed(userId, row.workspaceId, deed);
    return row;
  }

  async function jobOf(userId: string, row: JobRow, metrics: MetricsDocument | undefined) {
    const [download_url, ...viz_urls] = await Promise.all([row.resultKey, ...row.vizKeys].map((key) => (key === null ? null : fileUrl(userId, key))));
    const found = viz_urls.filter((url) => url !== null);
    return {
      id: row.id, workspace_id: row.workspaceId, mode: row.mode, ref_key: row.refKey, tgt_key: row.tgtKey, opts: row.options, status: row.status, progress: row.progress,
      ...(download_url ? { download_url } : {}), ...(found.length > 0 ? { viz_urls: found } : {}), ...(metrics ? { metrics } : {}),
      ...(row.error ? { error: new AppError(row.error.reason, row.error.args).toAnswer() } : {}),
      created_at: row.createdAt.toISOString(), updated_at: row.updatedAt.toISOString(),
    };
  }

  /** The newest measurement of each. */
  async function latestMetrics(ids: readonly string[]): Promise<ReadonlyMap<string, MetricsDocument>> {
    if (ids.length === 0) return new Map();
    const rows = await queries.selectDistinctOn([jobMetrics.jobId], { jobId: jobMetrics.jobId, measured: jobMetrics.measured })
      .from(jobMetrics).where(inArray(jobMetrics.jobId, [...ids])).orderBy(jobMetrics.jobId, sql`${jobMetrics.id} DESC`);
    return new Map(rows.map(({ jobId, measured }) => [jobId, measured]));
  }

  const answered = async (userId: string, row: JobRow) => jobOf(userId, row, (await latestMetrics([row.id])).get(row.id));

  mount.on(contract.createJob, async ({ caller, query, body }) => {
    const workspaceId = await workspaces.allowed(caller.userId, query.workspace_id ?? null, 'write');
    await countTry(queries, `jobs ${workspaceId}`, { tries: (await quotas.of(queries, workspaceId)).jobs_per_day, window: DAY_SECONDS }, nowMs());
    const { mode, ref_key, tgt_key, opts, idempotency_key } = body;
    const row = await jobs.create(workspaceId, caller.userId, idempotency_key, { mode, refKey: ref_key, tgtKey: tgt_key, options: opts });
    return { job_id: row.id };
  });

  mount.on(contract.listJobs, async ({ caller, query: { workspace_id, status, limit, cursor } }) => {
    const workspaceId = await workspaces.allowed(caller.userId, workspace_id ?? null, 'read');
    const rows = await jobs.list(workspaceId, { status, before: cursor, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const metrics = await latestMetrics(shown.map(({ id }) => id));
    return { jobs: await Promise.all(shown.map((row) => jobOf(caller.userId, row, metrics.get(row.id)))), next_cursor: rows.length > limit ? shown.at(-1)!.id : null };
  });

  // Before `/jobs/{id}`, which would take it for an id.
  mount.raw(contract.jobEvents, async ({ caller, query: { workspace_id, after }, context }) => {
    const workspaceId = await workspaces.allowed(caller.userId, workspace_id ?? null, 'read');
    const seen = context.req.header('last-event-id');
    if (seen !== undefined && !/^\d{1,15}$/.test(seen)) throw new AppError('request/invalid', { detail: 'Last-Event-ID: not one of ours' });
    // Nobody would read it, and it would be held until its token is over.
    if (context.req.method === 'HEAD') return new Response(null, { headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' } });
    return events.open(context, caller, workspaceId, seen === undefined ? (after ?? null) : Number(seen));
  });

  mount.on(contract.getJob, async ({ caller, params }) => {
    const row = await owned(caller.userId, params.id, 'read');
    const [segments, history] = [await jobs.segmentsOf(row.id), await jobs.metricsOf(row.id)];
    return {
      ...(await jobOf(caller.userId, row, history[0]?.measured)),
      segments: segments.map(({ position, firstFrame, frames, state }) => ({ index: position, first_frame: firstFrame, frames, state })),
      metrics_history: history.map(({ at, measured }) => ({ ...measured, at: at.toISOString() })),
    };
  });

  mount.on(contract.updateJob, async ({ caller, params, body }) => {
    const row = await owned(caller.userId, params.id, 'write');
    if (row.createdBy !== caller.userId) throw new AppError('job/not-yours');
    const { status, progress, segments, metrics, result_key, viz_keys, error } = body;
    const report = { status, progress, metrics, resultKey: result_key, vizKeys: viz_keys, error, segments: segments?.map(({ first_frame, ...rest }) => ({ ...rest, firstFrame: first_frame })) };
    return answered(caller.userId, await jobs.report(row, report));
  });

  mount.on(contract.retryJob, async ({ caller, params }) => answered(caller.userId, await jobs.retry(await owned(caller.userId, params.id, 'write'))));
}
