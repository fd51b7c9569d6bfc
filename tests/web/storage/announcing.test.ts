import { expect, test } from 'vitest';
import { announcing, type Channel } from '../../../web/storage/announcing.ts';
import { memoryStorage } from '../../../web/storage/memory/memory-storage.ts';
import { watchList } from '../../../web/jobs/watch.ts';
import { aJob } from '../../contracts/store.ts';

/** Two ends of a channel between tabs. */
function channels(): [Channel, Channel] {
  const listeners: ((event: { data: unknown }) => void)[][] = [[], []];
  const end = (own: number): Channel => ({
    postMessage: (data) => listeners[1 - own]!.forEach((listener) => listener({ data })),
    addEventListener: (_type, listener) => listeners[own]!.push(listener),
  });
  return [end(0), end(1)];
}

test('a change is heard on this page and in the other tab, by those who asked for its table', async () => {
  const { documents } = memoryStorage();
  const [here, there] = channels();
  const [mine, other] = [announcing(documents, here), announcing(documents, there)];
  const heard: string[] = [];
  mine.onChange(['jobs'], () => heard.push('here'));
  const stop = other.onChange(['jobs'], () => heard.push('there'));
  other.onChange(['recordings'], () => heard.push('recordings'));
  await mine.documents.put('jobs', aJob('a'));
  expect(heard).toEqual(['here', 'there']);
  stop();
  await mine.documents.remove('jobs', 'a');
  expect(heard).toEqual(['here', 'there', 'here']);
});

test('an update that changes nothing is no news', async () => {
  const { documents, onChange } = announcing(memoryStorage().documents, null);
  await documents.put('jobs', aJob('a'));
  let heard = 0;
  onChange(['jobs'], () => {
    heard += 1;
  });
  await documents.update('jobs', 'a', (job) => job);
  expect(heard).toBe(0);
});

test('a watched list is told at once, after changes, and no more once stopped', async () => {
  const { documents, onChange } = announcing(memoryStorage().documents, null);
  const lists: string[][] = [];
  const stop = watchList(() => documents.list('jobs'), (listener) => onChange(['jobs'], listener), (jobs) => lists.push(jobs.map(({ id }) => id)));
  await expect.poll(() => lists).toEqual([[]]);
  await documents.put('jobs', aJob('a'));
  await expect.poll(() => lists.at(-1)).toEqual(['a']);
  stop();
  await documents.put('jobs', aJob('b'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(lists.at(-1)).toEqual(['a']);
});
