/** A text as the requests it takes, and how long a reader breathes between them. */
import { splitText } from './split-text.ts';

export interface SpeechPart {
  readonly text: string;
  /** s of silence before the next part; null: the last. */
  readonly pauseSeconds: number | null;
}

/**
 * s. Between paragraphs, sentences, clauses and words: chosen by ear, within what E. Campione and J. Veronis, "A large-scale multilingual
 * study of silent pause duration", Speech Prosody 2002, call brief (under 0.2 s) and medium (0.2 to 1 s) pauses.
 */
const PAUSES = { paragraph: 0.65, sentence: 0.35, clause: 0.18, word: 0.05 } as const;

const ENDS_SENTENCE = /[.。！？!?…]["'”’」』）)]*$/u;
const ENDS_CLAUSE = /[,，、;；:：]$/u;

function pauseOf(part: string, between: string): number {
  if (between.includes('\n')) return PAUSES.paragraph;
  if (ENDS_SENTENCE.test(part)) return PAUSES.sentence;
  return ENDS_CLAUSE.test(part) ? PAUSES.clause : PAUSES.word;
}

/** @param most  characters that one request may have */
export function speechParts(text: string, most: number): SpeechPart[] {
  const texts = splitText(text, most);
  let end = 0;
  const places = texts.map((part) => {
    const start = text.indexOf(part, end);
    end = start + part.length;
    return { start, end };
  });
  return texts.map((part, index) => {
    const next = places[index + 1];
    return { text: part, pauseSeconds: next ? pauseOf(part, text.slice(places[index]!.end, next.start)) : null };
  });
}
