import { A, useLocation } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import { useRecorder } from '../state/recorder.tsx';
import { useVoices } from '../state/voices.tsx';
import './app-nav.css';
import { Icon } from './icon.tsx';

const PAGES = [
  { path: '/', text: 'nav.studio', icon: 'sliders' },
  { path: '/record', text: 'nav.record', icon: 'mic' },
  { path: '/voices', text: 'nav.voices', icon: 'wave' },
  { path: '/library', text: 'nav.library', icon: 'library' },
] as const;

const ELSEWHERE = /^\/(account|open|p)(\/|$)/;

/** The pages: in the header where there is room, at the bottom under the thumb on a phone. */
export function AppNav(): JSX.Element {
  const { t, clock } = useI18n();
  const recorder = useRecorder();
  const voices = useVoices();
  const location = useLocation();
  /** The backup belongs to the library, speaking to the voices; the account and what a link leads to belong to none of the pages. */
  const address = () => (location.pathname.startsWith('/backup') ? '/library' : location.pathname.startsWith('/speak') ? '/voices' : location.pathname);
  const isHere = (path: string) => (path === '/' ? !ELSEWHERE.test(address()) && !PAGES.some((page) => page.path !== '/' && address().startsWith(page.path)) : address().startsWith(path));
  const isLive = () => recorder !== null && recorder.live() !== null;
  return (
    <nav class="app-nav" aria-label={t('nav.label')}>
      <For each={PAGES.filter(({ path }) => path !== '/voices' || voices !== null)}>
        {({ path, text, icon }) => (
          <A class="app-nav-link" classList={{ here: isHere(path) }} href={path} aria-current={isHere(path) ? 'page' : undefined}>
            <span class="app-nav-icon">
              <Icon name={icon} size={18} />
              <Show when={path === '/record' && isLive()}>
                <span class="app-nav-live" />
              </Show>
            </span>
            {t(text)}
            <Show when={path === '/record' && isLive()}>
              <span class="visually-hidden">{t('nav.recording', { time: clock(recorder?.state()?.elapsedSeconds ?? 0) })}</span>
            </Show>
          </A>
        )}
      </For>
    </nav>
  );
}
