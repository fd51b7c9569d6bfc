/** How long a text takes to be said, about: some 150 English words or 250 Chinese characters a minute. */
const SECONDS_PER_CHARACTER = { narrow: 1 / 14, wide: 1 / 4.2 };

/** @returns s, at speed 1 */
export const spokenSeconds = (text: string): number => [...text].reduce((sum, letter) => sum + (letter.codePointAt(0)! > 0x2e7f ? SECONDS_PER_CHARACTER.wide : SECONDS_PER_CHARACTER.narrow), 0);
