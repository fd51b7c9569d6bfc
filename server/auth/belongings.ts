/**
 * What somebody has in their workspace and made in others, for the data they take away: read a few rows at a time, as presets and
 * their versions may be megabytes each.
 */
import { and, asc, eq, gt, inArray, or } from 'drizzle-orm';
import { AppError } from '../../shared/errors.ts';
import type { Queries } from '../database/open-database.ts';
import { jobMetrics, jobs, jobSegments, presets, presetShares, presetVersions, webhooks, workspaceInvitations, workspaces } from '../database/schema.ts';

/** What is read at once, and written away in pieces. */
export type Belonging = (userId: string) => Promise<unknown> | AsyncIterable<unknown>;

const ROWS = 20;
const LARGE_ROWS = 4;

/** @param read  the next rows behind the last one that was read */
async function* inTurn<T>(read: (last: T | null) => Promise<readonly T[]>): AsyncGenerator<T> {
  for (let last: T | null = null; ; ) {
    const rows: readonly T[] = await read(last);
    yield* rows;
    if (rows.length === 0) return;
    last = rows.at(-1)!;
  }
}

export function workspaceBelongings(queries: Queries): Readonly<Record<'presets' | 'preset_versions' | 'preset_links' | 'jobs' | 'webhooks' | 'invitations', Belonging>> {
  const own = (userId: string) => queries.select({ id: workspaces.id }).from(workspaces).where(eq(workspaces.personalOf, userId));
  const ownPresets = (userId: string) => queries.select({ id: presets.id }).from(presets).where(inArray(presets.workspaceId, own(userId)));

  async function* versions(userId: string) {
    for await (const { id } of inTurn<{ id: string }>((last) => queries.select({ id: presets.id }).from(presets).where(and(inArray(presets.workspaceId, own(userId)), last ? gt(presets.id, last.id) : undefined)).orderBy(asc(presets.id)).limit(ROWS))) {
      yield* inTurn<typeof presetVersions.$inferSelect>((last) => queries.select().from(presetVersions).where(and(eq(presetVersions.presetId, id), last ? gt(presetVersions.version, last.version) : undefined)).orderBy(asc(presetVersions.version)).limit(LARGE_ROWS));
    }
  }
  /** Those of their own workspace, whoever started them, and those they started in another. */
  async function* theirJobs(userId: string) {
    const theirs = or(eq(jobs.createdBy, userId), inArray(jobs.workspaceId, own(userId)));
    for await (const { requestHash: _hash, change: _change, ...job } of inTurn<typeof jobs.$inferSelect>((last) => queries.select().from(jobs).where(and(theirs, last ? gt(jobs.id, last.id) : undefined)).orderBy(asc(jobs.id)).limit(ROWS))) {
      const segments = await queries.select().from(jobSegments).where(eq(jobSegments.jobId, job.id)).orderBy(asc(jobSegments.position));
      const metrics = await queries.select().from(jobMetrics).where(eq(jobMetrics.jobId, job.id)).orderBy(asc(jobMetrics.id));
      yield { ...job, segments: segments.map(({ jobId: _id, ...segment }) => segment), metrics: metrics.map(({ jobId: _id, ...metric }) => metric) };
    }
  }
  return {
    presets: (userId) => inTurn<typeof presets.$inferSelect>((last) => queries.select().from(presets).where(and(inArray(presets.workspaceId, own(userId)), last ? gt(presets.id, last.id) : undefined)).orderBy(asc(presets.id)).limit(LARGE_ROWS)),
    preset_versions: versions,
    preset_links: (userId) => inTurn<typeof presetShares.$inferSelect>((last) => queries.select().from(presetShares).where(and(inArray(presetShares.presetId, ownPresets(userId)), last ? gt(presetShares.slug, last.slug) : undefined)).orderBy(asc(presetShares.slug)).limit(ROWS)),
    jobs: theirJobs,
    // Without the key that signs: whoever has the file could speak in our name.
    webhooks: (userId) => queries.select({ id: webhooks.id, url: webhooks.url, isActive: webhooks.isActive, createdAt: webhooks.createdAt }).from(webhooks).where(inArray(webhooks.workspaceId, own(userId))),
    invitations: (userId) => queries.select({ id: workspaceInvitations.id, role: workspaceInvitations.role, createdAt: workspaceInvitations.createdAt, expiresAt: workspaceInvitations.expiresAt }).from(workspaceInvitations).where(eq(workspaceInvitations.userId, userId)),
  };
}

/** One JSON object of all that is asked for, written as fast as it is taken. */
export function writtenOut(userId: string, parts: Readonly<Record<string, Belonging>>): ReadableStream<Uint8Array> {
  async function* pieces(): AsyncGenerator<string> {
    let before = '{';
    for (const [name, read] of Object.entries(parts)) {
      yield `${before}${JSON.stringify(name)}:`;
      before = ',';
      const found = read(userId);
      if (!(Symbol.asyncIterator in found)) {
        yield JSON.stringify(await found);
        continue;
      }
      let open = '[';
      for await (const item of found) {
        yield `${open}${JSON.stringify(item)}`;
        open = ',';
      }
      yield open === '[' ? '[]' : ']';
    }
    yield '}';
  }
  const [each, encoder] = [pieces(), new TextEncoder()];
  return new ReadableStream({
    async pull(controller) {
      // What went wrong is nobody's business: it would stand at the end of what was written.
      const { done, value } = await each.next().catch(() => Promise.reject(new AppError('internal', { detail: 'server' })));
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await each.return(undefined);
    },
  }, { highWaterMark: 0 });
}
