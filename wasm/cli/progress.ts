/** A bar on a terminal's standard error; nothing where no one watches. */

export interface Progress {
  /** Names what is being done; starts at 0. */
  stage(name: string): void;
  /** 0 to 1 within the stage. */
  update(fraction: number): void;
  /** Takes the bar away. */
  clear(): void;
}

const BAR_CELLS = 30;
const MIN_STEP_MS = 50;

export function createProgress(terminal: { readonly isTTY?: boolean; write(text: string): unknown }, nowMs: () => number): Progress {
  if (!terminal.isTTY) return { stage: () => undefined, update: () => undefined, clear: () => undefined };
  let name = '';
  let drawnMs = -Infinity;
  const draw = (fraction: number): void => {
    drawnMs = nowMs();
    const full = Math.round(fraction * BAR_CELLS);
    terminal.write(`\r\x1b[K${name.padEnd(12)} [${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)}] ${String(Math.round(fraction * 100)).padStart(3)} %`);
  };
  return {
    stage(next) {
      name = next;
      draw(0);
    },
    update(fraction) {
      if (nowMs() - drawnMs >= MIN_STEP_MS) draw(Math.min(1, Math.max(0, fraction)));
    },
    clear: () => void terminal.write('\r\x1b[K'),
  };
}
