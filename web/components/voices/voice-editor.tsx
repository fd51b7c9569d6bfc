import type { JSX } from 'solid-js';
import { Show } from 'solid-js';
import { createStore } from 'solid-js/store';
import { updateVoice } from '../../../shared/api/voices.ts';
import type { ApiClient } from '../../api/client.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { createAttempt } from '../../state/attempt.ts';
import type { VoiceWords } from '../../state/voice-words.ts';
import type { Voice } from '../../state/voices.tsx';
import { ErrorMessage } from '../message.tsx';
import { VoiceFields } from './voice-fields.tsx';

/** Changes what is said about a voice. */
export function VoiceEditor(props: { api: ApiClient; voice: Voice; onSaved: (voice: Voice) => void; onCancel: () => void }): JSX.Element {
  const { t } = useI18n();
  const work = createAttempt();
  // What the voice was when the editor was opened.
  const { id, name, description, language, tags, public: isPublic } = props.voice;
  const [words, setWords] = createStore<VoiceWords>({ name, description, language, tags: [...tags], isPublic });
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const saved = await work.run(() => props.api.call(updateVoice, { params: { id }, body: { name: words.name, description: words.description, language: words.language, tags: [...words.tags], public: words.isPublic } }));
    if (saved) props.onSaved(saved);
  };
  return (
    <form class="voice-editor" onSubmit={(event) => void save(event)}>
      <VoiceFields words={words} onWords={(more) => setWords(more)} missesName={words.name.trim() === ''} />
      <Show when={work.failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
      <div class="voice-actions">
        <span class="grow" />
        <button class="button" type="button" onClick={() => props.onCancel()}>
          {t('voices.cancel')}
        </button>
        <button class="button primary" type="submit" disabled={work.isBusy() || words.name.trim() === ''}>
          {t('voices.save')}
        </button>
      </div>
    </form>
  );
}
