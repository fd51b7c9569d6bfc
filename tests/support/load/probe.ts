/** Loaded into a program before its own first line (`node --expose-gc --import`): asked by its parent, it says what the program holds. */
import type { Footprint } from './messages.ts';

process.on('message', (asked) => {
  if (asked !== 'footprint') return;
  // Twice: what a first round finalizes is free after the second.
  for (let round = 0; round < 2; round += 1) (globalThis as unknown as { gc(): void }).gc();
  const { heapUsed: heapBytes, rss: rssBytes } = process.memoryUsage();
  const handles: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  process.send!({ heapBytes, rssBytes, handles } satisfies Footprint);
});
// The program is to end as it does without.
process.channel?.unref();
