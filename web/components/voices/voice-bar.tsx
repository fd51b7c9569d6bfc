import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { SORTS, type VoiceList } from '../../state/voice-list.ts';
import { Icon } from '../icon.tsx';
import { languageName } from './language-name.ts';

/** Search, language, model, tag, order. */
export function VoiceBar(props: { list: VoiceList; modelName: (id: string) => string }): JSX.Element {
  const { t, language } = useI18n();
  const filters = [
    { key: 'language', label: 'voices.language', any: 'voices.anyLanguage', values: () => props.list.filters().languages.filter(Boolean), name: (value: string) => languageName(value, language()) },
    { key: 'model', label: 'voices.model', any: 'voices.anyModel', values: () => props.list.filters().models, name: (value: string) => props.modelName(value) },
    { key: 'tag', label: 'voices.tag', any: 'voices.anyTag', values: () => props.list.filters().tags, name: (value: string) => value },
  ] as const;
  return (
    <div class="card voice-bar">
      <div class="library-search" role="search">
        <Icon name="search" size={18} />
        <input type="search" value={props.list.wanted().search} placeholder={t('voices.search')} aria-label={t('voices.search')} onInput={(event) => props.list.want({ search: event.currentTarget.value })} />
      </div>
      <For each={filters}>
        {(filter) => (
          <Show when={filter.values().length > 0}>
            <select class="select" aria-label={t(filter.label)} onChange={(event) => props.list.want({ [filter.key]: event.currentTarget.value })}>
              <option value="" selected={props.list.wanted()[filter.key] === ''}>
                {t(filter.any)}
              </option>
              <For each={filter.values()}>
                {(value) => (
                  <option value={value} selected={props.list.wanted()[filter.key] === value}>
                    {filter.name(value)}
                  </option>
                )}
              </For>
            </select>
          </Show>
        )}
      </For>
      <span class="grow" />
      <select class="select" aria-label={t('library.order')} onChange={(event) => props.list.want({ sort: event.currentTarget.value as (typeof SORTS)[number] })}>
        <For each={SORTS}>
          {(sort) => (
            <option value={sort} selected={props.list.wanted().sort === sort}>
              {t(`voices.sort.${sort}`)}
            </option>
          )}
        </For>
      </select>
    </div>
  );
}
