import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { SPEECH_LIMITS } from '../../../shared/api/speech.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { tidyTags, type VoiceWords } from '../../state/voice-words.ts';
import { TagEditor } from '../tag-editor.tsx';
import { languageName } from './language-name.ts';

/** Spoken by the models; others are welcome as a tag in the description. */
const LANGUAGES = ['zh-CN', 'en', 'ja', 'yue', 'ko', 'de', 'fr', 'es'];

/** Name, description, language, tags and who may see it: for a new voice and for one that is changed. */
export function VoiceFields(props: { words: VoiceWords; onWords: (more: Partial<VoiceWords>) => void; missesName?: boolean }): JSX.Element {
  const { t, language } = useI18n();
  const languages = () => [...new Set([...(props.words.language ? [props.words.language] : []), ...LANGUAGES])];
  return (
    <div class="voice-fields">
      <label class="voice-field">
        <span>{t('voices.name')}</span>
        <input
          class="field"
          type="text"
          required
          maxlength={SPEECH_LIMITS.nameLength}
          value={props.words.name}
          aria-invalid={props.missesName ?? false}
          onInput={(event) => props.onWords({ name: event.currentTarget.value })}
        />
        <Show when={props.missesName}>
          <span class="small voice-wrong">{t('voices.nameMissing')}</span>
        </Show>
      </label>
      <label class="voice-field">
        <span>{t('voices.language')}</span>
        <select class="select" onChange={(event) => props.onWords({ language: event.currentTarget.value })}>
          <option value="" selected={props.words.language === ''}>
            {t('voices.languageNone')}
          </option>
          <For each={languages()}>
            {(tag) => (
              <option value={tag} selected={tag === props.words.language}>
                {languageName(tag, language())}
              </option>
            )}
          </For>
        </select>
      </label>
      <label class="voice-field wide">
        <span>{t('voices.description')}</span>
        <textarea class="field" rows={2} maxlength={SPEECH_LIMITS.descriptionLength} value={props.words.description} onInput={(event) => props.onWords({ description: event.currentTarget.value })} />
      </label>
      <div class="voice-field wide">
        <span>{t('library.tags')}</span>
        <TagEditor tags={props.words.tags} onTags={(tags) => props.onWords({ tags: tidyTags(tags) })} />
      </div>
      <fieldset class="voice-field wide">
        <legend>{t('voices.visibility')}</legend>
        <div class="voice-choices">
          <For each={[false, true]}>
            {(isPublic) => (
              <label class="voice-choice" classList={{ chosen: props.words.isPublic === isPublic }}>
                <input type="radio" name="voice-visibility" checked={props.words.isPublic === isPublic} onChange={() => props.onWords({ isPublic })} />
                <span>
                  <strong>{t(isPublic ? 'voices.public' : 'voices.private')}</strong>
                  <span class="small quiet">{t(isPublic ? 'voices.publicHint' : 'voices.privateHint')}</span>
                </span>
              </label>
            )}
          </For>
        </div>
      </fieldset>
    </div>
  );
}
