import { expect, test } from 'vitest';
import { beginAnewWhereAPieceIsMissing } from '../../web/missing-piece.ts';

function aPage(isThere: () => Promise<boolean> = () => Promise.resolve(true)) {
  const kept = new Map<string, string>();
  const world = { nowMs: 1_000_000, reloads: 0, recorded: Promise.resolve() };
  const page = new EventTarget();
  beginAnewWhereAPieceIsMissing({
    page, memory: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }, nowMs: () => world.nowMs, isThere,
    whenNothingRecords: () => world.recorded, reload: () => void (world.reloads += 1),
  });
  const miss = async (): Promise<number> => {
    page.dispatchEvent(new Event('vite:preloadError'));
    await new Promise((resolve) => setTimeout(resolve));
    return world.reloads;
  };
  return { world, miss };
}

test('a page that misses a piece of its build begins anew, and not again and again', async () => {
  const { world, miss } = aPage();
  expect([await miss(), await miss()]).toEqual([1, 1]);
  world.nowMs += 61_000;
  expect(await miss()).toBe(2);
});

test('without a server it stays', async () => {
  expect(await aPage(() => Promise.resolve(false)).miss()).toBe(0);
  expect(await aPage(() => Promise.reject(new TypeError('no network'))).miss()).toBe(0);
});

test('while something records it stays', async () => {
  const { world, miss } = aPage();
  let over = (): void => undefined;
  world.recorded = new Promise((resolve) => (over = resolve));
  expect(await miss()).toBe(0);
  over();
  await world.recorded;
  await new Promise((resolve) => setTimeout(resolve));
  expect(world.reloads).toBe(1);
});
