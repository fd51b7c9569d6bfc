/**
 * Tries again at growing distances until it is done. That a browser says it is online tells of a cable, not of a server: what waits for
 * the server asks it.
 */
export interface Retries {
  /** At once; after a failure at growing distances again. */
  now(): void;
  /** Some time from now, unless that is arranged already. */
  later(): void;
  stop(): void;
}

export interface RetryParts {
  /** @returns whether nothing is left to try */
  readonly attempt: () => Promise<boolean>;
  /** Whether trying has a point: a page that nobody looks at waits. */
  readonly isWorthIt?: () => boolean;
  readonly setTimer?: (work: () => void, ms: number) => unknown;
  readonly clearTimer?: (timer: unknown) => void;
}

/** ms. Quick where a network has just come, calm where a server stays away. */
export const RETRY_MS = [1500, 4000, 10_000, 30_000, 60_000] as const;

export function createRetries({ attempt, isWorthIt = () => true, setTimer = (work, ms) => setTimeout(work, ms), clearTimer = (timer) => clearTimeout(timer as number) }: RetryParts): Retries {
  let [timer, step, isTrying, isOver] = [null as unknown, 0, false, false];
  const clear = (): void => {
    if (timer !== null) clearTimer(timer);
    timer = null;
  };
  function arrange(): void {
    if (isOver || timer !== null) return;
    timer = setTimer(() => void go(), RETRY_MS[Math.min(step, RETRY_MS.length - 1)]!);
    step += 1;
  }
  async function go(): Promise<void> {
    clear();
    if (isTrying || isOver) return;
    isTrying = true;
    const isDone = isWorthIt() && (await attempt().catch(() => false));
    isTrying = false;
    if (isDone) {
      step = 0;
      clear();
    } else arrange();
  }
  return {
    now() {
      step = 0;
      void go();
    },
    later: () => void (isTrying || arrange()),
    stop() {
      isOver = true;
      clear();
    },
  };
}
