import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { LANGUAGES, useI18n } from '../i18n/i18n.tsx';
import type { Language } from '../i18n/i18n.tsx';
import type { Appearance } from '../state/appearance.ts';
import { APPEARANCES } from '../state/appearance.ts';
import './app-header.css';
import { AccountButton } from './account/account-button.tsx';
import { AppNav } from './app-nav.tsx';
import { Icon } from './icon.tsx';

const APPEARANCE_ICONS = { auto: 'system', light: 'sun', dark: 'moon' } as const;

export function AppHeader(props: {
  appearance: Appearance;
  onAppearance: (appearance: Appearance) => void;
  online: boolean;
  offlineReady: boolean;
  installed: boolean;
}): JSX.Element {
  const i18n = useI18n();
  const { t } = i18n;
  const next = (): Appearance => APPEARANCES[(APPEARANCES.indexOf(props.appearance) + 1) % APPEARANCES.length] ?? 'auto';
  const status = () => (props.online ? [t('connection.ready'), ...(props.installed ? [t('connection.installed')] : [])].join(' · ') : t('connection.offline'));
  return (
    <header class="app-header">
      <a class="app-skip button" href="#tool">
        {t('app.skip')}
      </a>
      <a class="app-brand" href="/">
        <img src="/icons/favicon.svg" width="30" height="30" alt="" />
        Tonetwin
      </a>
      <AppNav />
      <span class="grow" />
      <Show when={!props.online || props.offlineReady}>
        <span class="app-status" classList={{ offline: !props.online }} role="status" title={status()}>
          <Icon name={props.online ? 'check' : 'info'} size={16} />
          <span>{status()}</span>
        </span>
      </Show>
      <select class="select" aria-label={t('app.language')} value={i18n.language()} onChange={(event) => i18n.setLanguage(event.currentTarget.value as Language)}>
        <For each={LANGUAGES}>
          {({ code, name }) => (
            <option value={code} lang={code} selected={code === i18n.language()}>
              {name}
            </option>
          )}
        </For>
      </select>
      <button
        class="icon-button"
        type="button"
        aria-label={`${t('app.theme')}: ${t(`theme.${props.appearance}`)}`}
        title={`${t('app.theme')}: ${t(`theme.${props.appearance}`)}`}
        onClick={() => props.onAppearance(next())}
      >
        <Icon name={APPEARANCE_ICONS[props.appearance]} />
      </button>
      <AccountButton />
    </header>
  );
}
