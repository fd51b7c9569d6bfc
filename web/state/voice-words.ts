/** What a person says about a voice. */
import { SPEECH_LIMITS } from '../../shared/api/speech.ts';

export interface VoiceWords {
  readonly name: string;
  readonly description: string;
  readonly language: string;
  readonly tags: readonly string[];
  readonly isPublic: boolean;
}

/** As the server keeps them. */
export const tidyTags = (tags: readonly string[]): string[] =>
  [...new Set(tags.map((tag) => tag.trim().toLowerCase().slice(0, SPEECH_LIMITS.tagLength)).filter(Boolean))].slice(0, SPEECH_LIMITS.tags);
