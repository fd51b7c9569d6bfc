/** Names of files and their endings. */

/** A letter first: the 2 of "Mix 1.2" is no ending. */
const ENDING = /\.[a-z]\w{1,4}$/i;

/** `.wav` of `take.wav`; empty where there is none. */
export const endingOf = (name: string): string => ENDING.exec(name)?.[0] ?? '';

export const withoutEnding = (name: string): string => name.replace(ENDING, '');
