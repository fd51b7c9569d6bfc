/** What is learnt about a request on its way: for the log and the monitor, which look at it at the end. */
import type { Context } from 'hono';

export interface RequestNotes {
  /** Of the log; the client may have given it. */
  readonly id: string;
  /** The pattern: `/api/jobs/{id}`. The address itself may hold what is nobody's business. */
  route: string | null;
  userId: string | null;
  /** What made it fail. */
  thrown: unknown;
}

/** The API is an app within the app: what the outer one began comes to it with the environment. */
export function notesOf(context: Context): RequestNotes | undefined {
  return (context.get('notes') as RequestNotes | undefined) ?? (context.env as { notes?: RequestNotes } | undefined)?.notes;
}
