import { A, useLocation, useSearchParams } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { For } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { Icon } from '../icon.tsx';

const PLACES = [
  { path: '/voices', scope: undefined, text: 'voices.discover' },
  { path: '/voices?scope=mine', scope: 'mine', text: 'voices.mine' },
  { path: '/speak', scope: undefined, text: 'voices.speak' },
] as const;

/** The rooms of the voice studio. */
export function VoiceNav(): JSX.Element {
  const { t } = useI18n();
  const location = useLocation();
  const [params] = useSearchParams<{ scope?: string }>();
  const isHere = ({ path, scope }: (typeof PLACES)[number]) => location.pathname === path.split('?')[0] && (path === '/speak' || (params.scope === 'mine' ? 'mine' : undefined) === scope);
  return (
    <nav class="voice-nav" aria-label={t('voices.rooms')}>
      <For each={PLACES}>
        {(place) => (
          <A class="voice-nav-link" href={place.path} classList={{ here: isHere(place) }} aria-current={isHere(place) ? 'page' : undefined}>
            {t(place.text)}
          </A>
        )}
      </For>
      <span class="grow" />
      <A class="button primary voice-nav-new" classList={{ here: location.pathname === '/voices/new' }} href="/voices/new" aria-current={location.pathname === '/voices/new' ? 'page' : undefined}>
        <Icon name="plus" size={18} /> <span>{t('voices.new')}</span>
      </A>
    </nav>
  );
}
