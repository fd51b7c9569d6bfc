import { describe, expect, test } from 'vitest';
import { liveState, newTake, nextTake, type TakeEvent, type TakeProgress } from '../../../web/jobs/take-machine.ts';
import type { JournalNews } from '../../../web/workers/journal/contract.ts';
import { segmentFacts } from '../../support/take-journal.ts';

const news = (changes: Partial<JournalNews> = {}): JournalNews => ({
  segment: 0, contextFrame: 960, receivedFrames: 0, durableFrames: 0, gaps: [], silentFrames: 0, heardMs: 0, unsafeSinceMs: null, isTight: false, error: null, ...changes,
});
const opened = (index = 0): TakeEvent => ({ type: 'opened', facts: segmentFacts({ index }) });
const after = (...events: readonly TakeEvent[]): TakeProgress => events.reduce((take, event) => nextTake(take, event, 0), newTake);
const heard = (changes: Partial<JournalNews>): TakeEvent => ({ type: 'heard', news: news(changes) });

describe('a take', () => {
  test('counts what was heard and what is safe over its segments, pauses left out', () => {
    const take = after(opened(), heard({ receivedFrames: 48_000 }), { type: 'closed', frames: 72_000 }, { type: 'paused' }, opened(1), heard({ segment: 1, receivedFrames: 24_000, durableFrames: 12_000 }));
    expect(liveState(take, 0)).toMatchObject({ status: 'recording', elapsedSeconds: 2, durableSeconds: 1.75, segment: { index: 1, frames: 12_000 } });
  });

  test('tells where its segment lies on the clock of the microphone, once that is known', () => {
    expect(liveState(after(opened()), 0).contextFrame).toBeNull();
    expect(liveState(after(opened(), heard({ contextFrame: 4800 })), 0).contextFrame).toBe(4800);
    expect(liveState(after(opened(), heard({ contextFrame: 4800 }), { type: 'closed', frames: 10 }), 0).contextFrame).toBeNull();
  });

  test('late news of a closed segment changes nothing', () => {
    const take = after(opened(), { type: 'closed', frames: 48_000 }, opened(1));
    expect(nextTake(take, heard({ segment: 0, receivedFrames: 99 }), 0)).toBe(take);
  });

  test.each<{ name: string; events: readonly TakeEvent[]; nowMs: number; alarms: readonly string[] }>([
    { name: 'none when all is well', events: [opened(), heard({ heardMs: 500 })], nowMs: 600, alarms: [] },
    { name: 'digital silence after one second of zeros', events: [opened(), heard({ heardMs: 900, silentFrames: 48_000 })], nowMs: 1000, alarms: ['digital-silence'] },
    { name: 'no silence yet just before that', events: [opened(), heard({ heardMs: 900, silentFrames: 47_999 })], nowMs: 1000, alarms: [] },
    { name: 'device lost when nothing comes for a second', events: [opened(), heard({ heardMs: 0 })], nowMs: 1001, alarms: ['device-lost'] },
    { name: 'device lost when nothing ever came', events: [opened()], nowMs: 3001, alarms: ['device-lost'] },
    { name: 'device lost while one is looked for', events: [opened(), { type: 'closed', frames: 1 }, { type: 'lost' }], nowMs: 1, alarms: ['device-lost'] },
    { name: 'none of it in a pause', events: [opened(), { type: 'closed', frames: 1 }, { type: 'paused' }], nowMs: 99_999, alarms: [] },
    { name: 'late when more than a second is at stake', events: [opened(), heard({ heardMs: 2000, unsafeSinceMs: 999 })], nowMs: 2000, alarms: ['journal-late'] },
    { name: 'low room when a file could not grow, whatever the browser says', events: [opened(), { type: 'room', secondsLeft: 1e6 }, heard({ heardMs: 0, isTight: true }), heard({ heardMs: 0 })], nowMs: 0, alarms: ['storage-low'] },
    { name: 'low room, worse things first', events: [opened(), { type: 'room', secondsLeft: 299 }, heard({ heardMs: 0, silentFrames: 99_999 })], nowMs: 0, alarms: ['digital-silence', 'storage-low'] },
  ])('alarms: $name', ({ events, nowMs, alarms }) => {
    expect(liveState(after(...events), nowMs).alarms).toEqual(alarms);
  });

  test('a full device is an end, anything else a failure; nothing moves it afterwards', () => {
    const full = after(opened(), { type: 'ending' }, { type: 'ended', error: { code: 'storage/full', message: '', args: {} } });
    expect(liveState(full, 0)).toMatchObject({ status: 'ended', alarms: ['storage-full'], error: { code: 'storage/full' } });
    const failed = after(opened(), { type: 'ended', error: { code: 'job/worker-died', message: '', args: {} } });
    expect(failed.status).toBe('failed');
    expect(nextTake(failed, { type: 'paused' }, 0)).toBe(failed);
  });

  test('a microphone that is found again while it ends does not start it again', () => {
    expect(after(opened(), { type: 'ending' }, opened(1)).status).toBe('ending');
  });
});
