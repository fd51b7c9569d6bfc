import type { JSX } from 'solid-js';
import { SPEECH_LIMITS } from '../../../shared/api/speech.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { greetingIn, type NewVoice } from '../../state/new-voice.ts';

/** What is said in the sample, and what the voice is to say first. */
export function SampleTexts(props: { draft: NewVoice }): JSX.Element {
  const { t, number } = useI18n();
  return (
    <div class="voice-fields">
      <label class="voice-field wide">
        <span>{t('new.transcript')}</span>
        <textarea class="field" rows={2} maxlength={SPEECH_LIMITS.textLength} value={props.draft.texts.transcript} onInput={(event) => props.draft.setTexts('transcript', event.currentTarget.value)} />
        <span class="small quiet">{t('new.transcriptHint')}</span>
      </label>
      <label class="voice-field wide">
        <span>{t('new.sampleText')}</span>
        <input
          class="field"
          type="text"
          maxlength={SPEECH_LIMITS.sampleTextLength}
          placeholder={greetingIn(props.draft.words.language)}
          value={props.draft.texts.sampleText}
          onInput={(event) => props.draft.setTexts('sampleText', event.currentTarget.value)}
        />
        <span class="small quiet number voice-count">{t('new.letters', { count: number(props.draft.texts.sampleText.length, 0), most: number(SPEECH_LIMITS.sampleTextLength, 0) })}</span>
      </label>
    </div>
  );
}
