// @vitest-environment happy-dom
import { MemoryRouter, Route, createMemoryHistory } from '@solidjs/router';
import { render } from 'solid-js/web';
import { afterEach, expect, test, vi } from 'vitest';
import { TakeRecovery } from '../../../web/components/take-recovery.tsx';
import { createI18n, I18nProvider, type Language } from '../../../web/i18n/i18n.tsx';
import { Record } from '../../../web/pages/record.tsx';
import { ProductProvider } from '../../../web/state/product.tsx';
import { RecorderProvider } from '../../../web/state/recorder.tsx';
import { createFakeService } from '../support/fake-service.ts';
import { createFakeTakes, type FakeTakesSettings } from '../support/fake-takes.ts';

let dispose: (() => void) | undefined;
afterEach(() => {
  dispose?.();
  document.body.replaceChildren();
  localStorage.clear();
  vi.useRealTimers();
});

vi.stubGlobal('isSecureContext', true);
// Meters and chains need the engine, which nobody serves here: the page does without.
vi.stubGlobal('fetch', () => Promise.reject(new TypeError('not served')));
// happy-dom has no observer of sizes worth the name, and no canvas to draw on.
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

function show(settings: FakeTakesSettings = {}, page: 'record' | 'recovery' = 'record', language: Language = 'en') {
  const service = createFakeService({ stepMs: 60_000 });
  const takes = createFakeTakes({ onKept: (take, id) => service.keepTake(id, take.name, take.seconds), ...settings });
  const history = createMemoryHistory();
  history.set({ value: '/record' });
  dispose = render(
    () => (
      <I18nProvider i18n={createI18n(language)}>
        <ProductProvider service={service} takes={takes}>
          <RecorderProvider>
            <MemoryRouter history={history}>
              <Route path="*" component={page === 'record' ? Record : TakeRecovery} />
            </MemoryRouter>
          </RecorderProvider>
        </ProductProvider>
      </I18nProvider>
    ),
    document.body,
  );
  return { takes, service };
}

const button = (name: string) => [...document.querySelectorAll('button')].find((one) => one.getAttribute('aria-label') === name || one.textContent?.trim() === name);
const click = (name: string) => {
  const found = button(name);
  if (!found) throw new Error(`There is no button ${name}`);
  if (found.disabled) throw new Error(`${name} is disabled`);
  found.click();
};
const text = () => document.body.textContent ?? '';
const press = (key: string, target: EventTarget = document.body) => target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));

async function openMicrophone(): Promise<void> {
  click('Turn the microphone on');
  await vi.waitFor(() => expect(button('Record')?.disabled).toBe(false));
}
async function startTake(): Promise<void> {
  await openMicrophone();
  click('Record');
  await vi.waitFor(() => expect(button('Stop')).toBeDefined());
}

test('the microphone is asked for only when a person says so, and what it truly is is written', async () => {
  show({ sampleRate: 44_100, channels: 2, deviceLabel: 'Interface' });
  expect(button('Record')?.disabled).toBe(true);
  expect(text()).toContain('Nothing is recorded until you press Record');
  await openMicrophone();
  expect(text()).toContain('44.1 kHz · Stereo');
  expect(text()).toContain('Interface');
  expect(document.querySelectorAll('[role="meter"]')).toHaveLength(2);
});

test('echo cancellation, noise suppression and automatic gain are off until switched on', async () => {
  show();
  const switches = [...document.querySelectorAll<HTMLInputElement>('.record-switches input')];
  expect(switches.map(({ checked }) => checked)).toEqual([false, false, false]);
  switches[1]!.click();
  expect(JSON.parse(localStorage.getItem('tonetwin.microphone') ?? '{}')).toMatchObject({ echoCancellation: false, noiseSuppression: true, autoGainControl: false });
});

test('a microphone that is refused is said, and can be tried again', async () => {
  show({ refuse: 'capture/denied' });
  click('Turn the microphone on');
  await vi.waitFor(() => expect(text()).toContain('The microphone is not allowed here.'));
  expect(button('Try again')).toBeDefined();
  expect(button('Record')?.disabled).toBe(true);
});

test('a headset in its hands-free profile and little room are warned of before a take', async () => {
  show({ deviceLabel: 'AirPods (Bluetooth)', sampleRate: 16_000, secondsLeft: 600 });
  await openMicrophone();
  await vi.waitFor(() => expect(text()).toContain('Bluetooth microphones record at 16\u00a0kHz'));
  expect(text()).toMatch(/Little space is left: about 10\smin 0\ss of recording/);
});

test('R starts and stops, M marks, space pauses and goes on; what a focused field needs it gets', async () => {
  const { takes } = show();
  await openMicrophone();
  press('r', document.querySelector('input.record-name')!);
  expect(takes.live()).toBeNull();
  press('r');
  await vi.waitFor(() => expect(button('Stop')?.disabled).toBe(false));
  press('m');
  press('m');
  expect(takes.live()!.state().markers).toHaveLength(2);
  await vi.waitFor(() => expect(text()).toContain('Marker 2'));
  press(' ');
  await vi.waitFor(() => expect(button('Go on')).toBeDefined());
  press(' ');
  await vi.waitFor(() => expect(button('Pause')).toBeDefined());
  press('r');
  await vi.waitFor(() => expect(text()).toContain('Your take'));
  expect(takes.live()).toBeNull();
});

test('every alarm is an alert with its sentence, and goes when it is over', async () => {
  const { takes } = show();
  await startTake();
  const sentences = {
    'digital-silence': 'Nothing but digital silence comes from the microphone.',
    'device-lost': 'The microphone is gone.',
    'storage-low': 'Room for about 13 h 53 min is left',
    'journal-late': 'Writing cannot keep up',
  } as const;
  for (const [alarm, sentence] of Object.entries(sentences)) {
    takes.alarm([alarm as keyof typeof sentences]);
    await vi.waitFor(() => expect(document.querySelector('[role="alert"]')?.textContent).toContain(sentence));
  }
  takes.alarm([]);
  await vi.waitFor(() => expect(document.querySelector('[role="alert"]')).toBeNull());
});

test('a take that ended for want of room is shown, with why', async () => {
  const { takes } = show();
  await startTake();
  takes.alarm(['storage-full']);
  takes.breakDown('storage/full');
  await vi.waitFor(() => expect(text()).toContain('Your take'));
  expect(text()).toContain('There is no room left. The take has ended; everything up to here is kept.');
});

test('a take that has ended is named, used as what it is, and deleted only when asked twice', async () => {
  const { takes } = show();
  let known: readonly { readonly name: string; readonly role: string | null }[] = [];
  takes.watchTakes((list) => (known = list));
  await startTake();
  click('Stop');
  await vi.waitFor(() => expect(text()).toContain('Your take'));
  const name = document.querySelector<HTMLInputElement>('.take-title input')!;
  name.value = '  Chorus ';
  name.dispatchEvent(new Event('change', { bubbles: true }));
  await vi.waitFor(() => expect(known[0]?.name).toBe('Chorus'));
  click('Voice sample');
  await vi.waitFor(() => expect(known[0]?.role).toBe('voice-sample'));
  click('Voice sample');
  await vi.waitFor(() => expect(known[0]?.role).toBeNull());
  click('Delete the take');
  await vi.waitFor(() => expect(button('Delete')).toBeDefined());
  expect(known).toHaveLength(1);
  click('Delete');
  await vi.waitFor(() => expect(known).toHaveLength(0));
  await vi.waitFor(() => expect(button('Turn the microphone on')).toBeDefined());
});

test('an interrupted take is offered back with one click, with its length', async () => {
  const { takes } = show({ interrupted: true }, 'recovery');
  let states: readonly string[] = [];
  takes.watchTakes((list) => (states = list.map(({ state }) => state)));
  expect(text()).toContain('Evening rehearsal of');
  expect(text()).toContain('is safe: 2:34');
  click('Take it back');
  await vi.waitFor(() => expect(states).toEqual(['kept']));
  await vi.waitFor(() => expect(text()).not.toContain('A take was interrupted'));
});

test('in Chinese the page is in Chinese', async () => {
  show({}, 'record', 'zh-CN');
  for (const words of ['打开麦克风', '麦克风', '随录音一起', '本设备的空间']) expect(text()).toContain(words);
  expect(text()).not.toMatch(/[a-z]{4,} [a-z]{4,} [a-z]{4,}/i);
});
