/** What somebody wants to have said: kept on the device, so that nothing typed is lost. */
import { z } from 'zod';
import { AUDIO_FORMATS } from '../../shared/api/speech.ts';
import { voice } from '../../shared/api/voices.ts';

const draftSchema = z.object({
  text: z.string(),
  voice: voice.nullable(),
  /** Empty: the voice's own. */
  model: z.string(),
  speed: z.number(), volume: z.number(),
  format: z.enum(AUDIO_FORMATS),
  /** For models that are told in words. */
  instruction: z.string(),
  /** For models that take a label: "emotion 高兴"; empty: none. */
  manner: z.string(),
});
export type SpeechDraft = z.output<typeof draftSchema>;

const STORED_AS = 'tonetwin.speech-draft';
const NOTHING: SpeechDraft = { text: '', voice: null, model: '', speed: 1, volume: 1, format: 'wav', instruction: '', manner: '' };

export function readDraft(): SpeechDraft {
  try {
    return draftSchema.parse(JSON.parse(localStorage.getItem(STORED_AS) ?? 'null'));
  } catch {
    return NOTHING;
  }
}

export function writeDraft(draft: SpeechDraft): void {
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(draft));
  } catch {
    // Full: it is on the screen all the same.
  }
}
