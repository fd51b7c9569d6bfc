import { expect, test } from 'vitest';
import { createRetries, RETRY_MS } from '../../../web/jobs/voices/retries.ts';

const settle = () => new Promise((done) => setTimeout(done, 0));

function arranged(answers: readonly (boolean | Error)[], isWorthIt = () => true) {
  const waits: number[] = [];
  let [tries, due] = [0, null as (() => void) | null];
  const retries = createRetries({
    attempt: () => {
      const answer = answers[Math.min(tries++, answers.length - 1)]!;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    isWorthIt,
    setTimer: (work, ms) => {
      waits.push(ms);
      due = work;
      return waits.length;
    },
    clearTimer: () => (due = null),
  });
  return { retries, waits, tries: () => tries, isDue: () => due !== null, fire: async () => (due?.(), await settle()) };
}

test('what fails is tried again at growing distances, until it is done', async () => {
  const { retries, waits, tries, isDue, fire } = arranged([false, new Error('away'), false, true]);
  retries.now();
  await settle();
  for (let i = 0; i < 3; i += 1) await fire();
  expect([tries(), waits, isDue()]).toEqual([4, RETRY_MS.slice(0, 3), false]);
});

test('a word that the network is back tries at once and begins with short distances again', async () => {
  const { retries, waits, tries, fire } = arranged([false]);
  retries.now();
  await settle();
  await fire();
  await fire();
  retries.now();
  await settle();
  expect([tries(), waits.at(-1)]).toEqual([4, RETRY_MS[0]]);
  // One clock is enough.
  retries.later();
  expect(waits.length).toBe(4);
});

test('where trying has no point nothing is asked, and once stopped nothing more comes', async () => {
  const { retries, tries, isDue, fire } = arranged([true], () => false);
  retries.now();
  await settle();
  expect([tries(), isDue()]).toEqual([0, true]);
  retries.stop();
  await fire();
  retries.later();
  expect([tries(), isDue()]).toEqual([0, false]);
});
