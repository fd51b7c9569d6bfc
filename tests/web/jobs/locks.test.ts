import { expect, test } from 'vitest';
import { locksOfPage } from '../../../web/jobs/locks.ts';

const never = new AbortController().signal;
/** Begins and ends when it is told. */
function work(name: string, log: string[]) {
  let end = (): void => undefined;
  const told = new Promise<void>((resolve) => (end = resolve));
  return {
    run: async () => {
      log.push(`${name} begins`);
      await told;
      log.push(`${name} ends`);
    },
    end: () => end(),
  };
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

test('who shares a name works beside others who share it; who wants it alone waits for them, and they for it', async () => {
  const [locks, log] = [locksOfPage(), [] as string[]];
  const [a, b, alone, c] = ['a', 'b', 'alone', 'c'].map((name) => work(name, log)) as [ReturnType<typeof work>, ReturnType<typeof work>, ReturnType<typeof work>, ReturnType<typeof work>];
  const all = [locks.hold('x', never, a.run, 'shared'), locks.hold('x', never, b.run, 'shared'), locks.hold('x', never, alone.run), locks.hold('x', never, c.run, 'shared')];
  await turn();
  expect(log).toEqual(['a begins', 'b begins']);
  a.end();
  await turn();
  expect(log.splice(0)).toEqual(['a begins', 'b begins', 'a ends']);
  b.end();
  await turn();
  expect(log.splice(0)).toEqual(['b ends', 'alone begins']);
  expect(await locks.isHeld('x')).toBe(true);
  expect(await locks.tryHold('x', () => Promise.resolve())).toBe(false);
  alone.end();
  await turn();
  expect(log.splice(0)).toEqual(['alone ends', 'c begins']);
  c.end();
  await Promise.all(all);
  expect(await locks.isHeld('x')).toBe(false);
});

test('work that fails lets the next have its turn', async () => {
  const locks = locksOfPage();
  await expect(locks.hold('x', never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(locks.hold('x', never, () => Promise.reject(new Error('nor')), 'shared')).rejects.toThrow('nor');
  expect(await locks.tryHold('x', () => Promise.resolve())).toBe(true);
});
