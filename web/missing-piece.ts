/**
 * A page that was opened before an upgrade may ask for a piece of the build that is there no more. It begins anew, with the page
 * that is there now: once, only where the server answers, and not while anything records.
 * The event is Vite's: https://vite.dev/guide/build#load-error-handling
 */
export interface MissingPieceParts {
  /** The window. */
  readonly page: EventTarget;
  /** Of this tab, over its reloads. */
  readonly memory: Pick<Storage, 'getItem' | 'setItem'>;
  readonly nowMs: () => number;
  /** Whether the server can be asked: without it a page that is left is lost. */
  readonly isThere: () => Promise<boolean>;
  readonly whenNothingRecords: () => Promise<void>;
  readonly reload: () => void;
}

const NOTE = 'tonetwin.began-anew';
/** What is missing again so soon is not missing because of an upgrade. */
const AGAIN_MS = 60_000;

export function beginAnewWhereAPieceIsMissing({ page, memory, nowMs, isThere, whenNothingRecords, reload }: MissingPieceParts): void {
  page.addEventListener('vite:preloadError', () => {
    if (nowMs() - Number(memory.getItem(NOTE) ?? -Infinity) < AGAIN_MS) return;
    void isThere().catch(() => false).then(async (is) => {
      if (!is) return;
      await whenNothingRecords();
      memory.setItem(NOTE, String(nowMs()));
      reload();
    });
  });
}
