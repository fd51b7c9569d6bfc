import { A, useLocation, useSearchParams } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { For } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { Icon } from '../icon.tsx';

const PLACES = [
  { path: '/voices', scope: undefined, text: 'voices.discover' },
  { path: '/voices?scope=mine', scope: 'mine', text: 'voices.mine' },
] as const;

/** The rooms of the voice studio. */
export function VoiceNav(): JSX.Element {
  const { t } = useI18n();
  const location = useLocation();
  const [params] = useSearchParams<{ scope?: string }>();
  const isHere = (scope: string | undefined) => location.pathname === '/voices' && (params.scope === 'mine' ? 'mine' : undefined) === scope;
  return (
    <nav class="voice-nav" aria-label={t('voices.rooms')}>
      <For each={PLACES}>
        {({ path, scope, text }) => (
          <A class="voice-nav-link" href={path} classList={{ here: isHere(scope) }} aria-current={isHere(scope) ? 'page' : undefined}>
            {t(text)}
          </A>
        )}
      </For>
      <span class="grow" />
      <A class="button primary" classList={{ here: location.pathname === '/voices/new' }} href="/voices/new" aria-current={location.pathname === '/voices/new' ? 'page' : undefined}>
        <Icon name="plus" size={18} /> {t('voices.new')}
      </A>
    </nav>
  );
}
