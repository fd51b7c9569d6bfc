/**
 * Streams of what happens to the jobs of a workspace, on whichever instance it was reported. A stream holds no events: it is told
 * that there is news, reads what came after the last change it sent, and writes no faster than its client reads.
 * Source: HTML Standard, 9.2 Server-sent events.
 */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { JobEvent } from '../shared/api/jobs.ts';
import { AppError } from '../shared/errors.ts';
import type { TokenCaller } from './auth/access-tokens.ts';
import { isOpen } from './auth/sessions.ts';
import type { Queries } from './database/open-database.ts';
import type { News } from './database/news.ts';
import type { JobRow, Jobs } from './jobs.ts';
import type { Workspaces } from './workspaces.ts';

export interface JobEventsParts {
  readonly queries: Queries;
  readonly news: News;
  readonly jobs: Jobs;
  readonly workspaces: Workspaces;
  readonly nowMs: () => number;
  /** A sign of life so often keeps proxies from closing a quiet stream; so soon a stream whose session was ended is closed too. */
  readonly heartbeatMs?: number | undefined;
}

export const HEARTBEAT_MS = 15_000;
/** Of one person at this instance: tabs and devices. */
export const MOST_STREAMS = 10;
/** After its token a stream is cut within this time, read or not. */
const CUT_MS = 5000;
/** Changes read at once. */
const PAGE = 100;

export const jobNews = (workspaceId: string): string => `jobs ${workspaceId}`;

const eventOf = ({ id, workspaceId, status, progress, updatedAt, error }: JobRow): JobEvent => ({
  id, workspace_id: workspaceId, status, progress, updated_at: updatedAt.toISOString(),
  ...(error ? { error: new AppError(error.reason, error.args).toAnswer() } : {}),
});

/** Rings once for any number of pulls in between. */
function createBell() {
  let rung = false;
  let answer: (() => void) | null = null;
  return {
    ring(): void {
      rung = true;
      answer?.();
    },
    /** @returns whether it rang within the time */
    async wait(ms: number): Promise<boolean> {
      if (!rung) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          answer = resolve;
          timer = setTimeout(resolve, ms);
        });
        clearTimeout(timer);
        answer = null;
      }
      const was = rung;
      rung = false;
      return was;
    },
  };
}

export function createJobEvents({ queries, news, jobs, workspaces, nowMs, heartbeatMs = HEARTBEAT_MS }: JobEventsParts) {
  const openOf = new Map<string, number>();
  const endings = new Set<() => void>();
  let isEnding = false;

  async function mayRead({ userId, sessionId, endsMs }: TokenCaller, workspaceId: string): Promise<boolean> {
    if (nowMs() >= endsMs || !(await isOpen(queries, sessionId, nowMs()))) return false;
    return workspaces.allowed(userId, workspaceId, 'read').then(() => true, () => false);
  }

  return {
    /** How many streams are open. */
    count: (): number => endings.size,

    /**
     * @param after number of the last change that the client has seen; null: what happens from now on
     * @throws AppError 'account/too-many-tries' where this person has too many open
     */
    async open(context: Context, caller: TokenCaller, workspaceId: string, after: number | null): Promise<Response> {
      const { userId } = caller;
      const open = openOf.get(userId) ?? 0;
      if (open >= MOST_STREAMS || isEnding) throw new AppError('account/too-many-tries', { seconds: isEnding ? 1 : 60 });
      openOf.set(userId, open + 1);
      const bell = createBell();
      let isOver = false;
      const end = (): void => {
        isOver = true;
        bell.ring();
      };
      endings.add(end);
      // Listening begins before reading does, so that nothing falls in between.
      const stopListening = news.on(jobNews(workspaceId), bell.ring);
      const release = (): void => {
        if (!endings.delete(end)) return;
        stopListening();
        const left = openOf.get(userId)! - 1;
        if (left === 0) openOf.delete(userId);
        else openOf.set(userId, left);
      };
      let last: number;
      try {
        last = after ?? (await jobs.latestChange(workspaceId));
      } catch (thrown) {
        release();
        throw thrown;
      }
      context.header('X-Accel-Buffering', 'no');
      return streamSSE(
        context,
        async (stream) => {
          stream.onAbort(end);
          // A client that reads nothing any more would hold its stream for ever. Not unref(): of such timers Node keeps the list for
          // each duration until that is over, cleared or not (lib/internal/timers.js, unenroll), and no two of these are alike.
          const cut = setTimeout(() => (context.env as Partial<HttpBindings> | undefined)?.outgoing?.destroy(), Math.max(0, caller.endsMs - nowMs()) + CUT_MS);
          try {
            // The first word: what to come back with, even when nothing happens.
            await stream.writeSSE({ event: 'ready', id: String(last), data: '{}' });
            while (!isOver && (await mayRead(caller, workspaceId))) {
              const changed = await jobs.changedSince(workspaceId, last, PAGE);
              for (const row of changed) {
                if (isOver) break;
                await stream.writeSSE({ event: 'job', id: String(row.change), data: JSON.stringify(eventOf(row)) });
                last = row.change;
              }
              if (changed.length === PAGE) continue;
              const rang = await bell.wait(Math.max(1, Math.min(heartbeatMs, caller.endsMs - nowMs())));
              if (!rang && !isOver) await stream.write(':\n\n');
            }
            if (!stream.aborted) await stream.writeSSE({ event: 'end', data: '{}', ...(isEnding ? { retry: 1000 + Math.floor(4000 * Math.random()) } : {}) });
          } finally {
            clearTimeout(cut);
            release();
          }
        },
        // A stream that breaks is told nobody: its client comes back.
        () => Promise.resolve(release()),
      );
    },

    /** All streams end, and no new one begins: the program stops. */
    end(): void {
      isEnding = true;
      for (const stop of endings) stop();
    },
  };
}

export type JobEvents = ReturnType<typeof createJobEvents>;
