import { createRoot, createSignal } from 'solid-js';
import { expect, test } from 'vitest';
import { createGuestAdoption } from '../../../web/state/guest-adoption.ts';
import { createSteadyKey } from '../../../web/state/sound-player.ts';

type Status = 'unknown' | 'absent' | 'out' | 'in';

const settle = () => new Promise((done) => setTimeout(done, 0));
const memoryOf = (held = new Map<string, string>()) => ({ held, getItem: (name: string) => held.get(name) ?? null, setItem: (name: string, value: string) => void held.set(name, value), removeItem: (name: string) => void held.delete(name) });

/** One page; several in turn share a memory. */
function openPage(memory: ReturnType<typeof memoryOf>, status: Status, isUsed: boolean, adopt: () => Promise<unknown> = async () => undefined) {
  return createRoot((close) => {
    const [account, setAccount] = createSignal<{ status: Status; id: string }>({ status, id: '' });
    let adopted = 0;
    const whose = createGuestAdoption({
      status: () => account().status, id: () => account().id, isUsed: () => isUsed, memory,
      adopt: () => {
        adopted += 1;
        return adopt();
      },
    });
    return { become: (next: Status, id = '') => void setAccount({ status: next, id }), whose, adopted: () => adopted, close };
  });
}

test('what a guest made is taken over when they sign in, and lists are read anew after that', async () => {
  let done!: () => void;
  const page = openPage(memoryOf(), 'out', true, () => new Promise<void>((resolve) => (done = resolve)));
  page.become('in', 'ada');
  await settle();
  expect([page.adopted(), page.whose()]).toEqual([1, '']);
  done();
  await settle();
  expect(page.whose()).toBe('ada');
  page.close();
});

test('also where the page began anew in between, as it does on the way back from a provider of identity', async () => {
  const memory = memoryOf();
  openPage(memory, 'out', true).close();
  const back = openPage(memory, 'unknown', false);
  back.become('in', 'ada');
  await settle();
  expect([back.adopted(), back.whose()]).toEqual([1, 'ada']);
  back.close();
  const later = openPage(memory, 'unknown', true);
  later.become('in', 'ada');
  await settle();
  expect([later.adopted(), later.whose()]).toEqual([0, 'ada']);
});

test('what failed is tried again with the next page; who never was a guest asks nothing', async () => {
  const memory = memoryOf();
  const first = openPage(memory, 'out', true, () => Promise.reject(new Error('no network')));
  first.become('in', 'ada');
  await settle();
  expect([first.adopted(), first.whose()]).toEqual([1, 'ada']);
  first.close();
  const second = openPage(memory, 'in', false);
  await settle();
  expect(second.adopted()).toBe(1);
  const stranger = openPage(memoryOf(), 'out', false);
  stranger.become('in', 'eve');
  await settle();
  expect([stranger.adopted(), stranger.whose()]).toEqual([0, 'eve']);
});

test('a button stays that of the sound that plays while its text is changed, and is the new one\'s afterwards', () => {
  createRoot((close) => {
    const [playing, setPlaying] = createSignal<string | null>(null);
    const [text, setText] = createSignal('one');
    const asked: string[] = [];
    const player = { isPlaying: (key: string) => playing() === key, toggle: (key: string) => (asked.push(key), void setPlaying(playing() === key ? null : key)) };
    const button = createSteadyKey(player, text);
    const open = () => Promise.resolve(new Blob());
    button.toggle(open);
    setText('two');
    expect(button.key()).toBe('one');
    button.toggle(open);
    expect([playing(), button.key()]).toEqual([null, 'two']);
    button.toggle(open);
    expect([playing(), asked]).toEqual(['two', ['one', 'one', 'two']]);
    close();
  });
});
