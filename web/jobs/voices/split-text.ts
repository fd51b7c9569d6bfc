/** Long texts as requests that a speech model takes: cut where a reader would breathe. */

/** A sentence with its end; a full stop ends one before white space or the text's end only (3.14, tonetwin.app). */
const SENTENCE = /(?:[^。！？!?…\n.]|\.(?=\S))*(?:[。！？!?…\n.]+["'”’」』）)]*\s*|$)/gu;
/** Where a sentence that is too long may be cut, best first. */
const BREAKS = [/[；;：:]\s*/gu, /[，,、]\s*/gu, /\s+/gu];

const sentencesOf = (text: string): string[] => Array.from(text.matchAll(SENTENCE), ([sentence]) => sentence).filter((sentence) => sentence !== '');

/** @returns the last place at which to cut so that the first part is at most `most` long */
function cutPlace(sentence: string, most: number): number {
  for (const pattern of BREAKS) {
    let place = 0;
    for (const match of sentence.matchAll(pattern)) {
      const end = match.index + match[0].length;
      if (end <= most) place = end;
    }
    if (place > 0) return place;
  }
  // Not within a character of two units.
  const code = sentence.charCodeAt(most - 1);
  return code >= 0xd800 && code < 0xdc00 ? most - 1 : most;
}

/**
 * @param most characters a part may have, at least 2
 * @returns parts in order, trimmed, none empty; joined again they are the text but for white space between parts
 */
export function splitText(text: string, most: number): string[] {
  const parts: string[] = [];
  let open = '';
  const close = (): void => {
    if (open.trim()) parts.push(open.trim());
    open = '';
  };
  for (let sentence of sentencesOf(text)) {
    if ((open + sentence).trim().length <= most) {
      open += sentence;
      continue;
    }
    close();
    while (sentence.trim().length > most) {
      const place = cutPlace(sentence.trimStart(), most);
      parts.push(sentence.trimStart().slice(0, place).trim());
      sentence = sentence.trimStart().slice(place);
    }
    open = sentence;
  }
  close();
  return parts;
}
