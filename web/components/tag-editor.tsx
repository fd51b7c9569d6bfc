import type { JSX } from 'solid-js';
import { createUniqueId, For } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import { Icon } from './icon.tsx';

/** The tags of an entry; Enter or a comma adds, Backspace in the empty field takes the last away. */
export function TagEditor(props: { tags: readonly string[]; onTags: (tags: readonly string[]) => void }): JSX.Element {
  const { t } = useI18n();
  const id = createUniqueId();
  let input!: HTMLInputElement;
  const add = (): void => {
    const wanted = input.value.split(/[,，]/).map((tag) => tag.trim()).filter(Boolean);
    input.value = '';
    if (wanted.length > 0) props.onTags([...props.tags, ...wanted]);
  };
  return (
    <div class="tag-editor">
      <For each={props.tags}>
        {(tag) => (
          <span class="tag">
            {tag}
            <button
              class="tag-remove"
              type="button"
              aria-label={t('library.removeTag', { tag })}
              onClick={() => {
                input.focus();
                props.onTags(props.tags.filter((other) => other !== tag));
              }}
            >
              <Icon name="close" size={12} />
            </button>
          </span>
        )}
      </For>
      <input
        ref={input}
        id={id}
        class="tag-input"
        placeholder={t('library.addTag')}
        aria-label={t('library.addTag')}
        maxlength={40}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === 'Enter' || event.key === ',') {
            event.preventDefault();
            add();
          } else if (event.key === 'Backspace' && input.value === '' && props.tags.length > 0) props.onTags(props.tags.slice(0, -1));
        }}
        onBlur={add}
      />
    </div>
  );
}
