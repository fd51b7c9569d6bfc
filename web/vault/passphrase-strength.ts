/**
 * How hard a passphrase is to guess for somebody who has the wrapped key and all the time: a cautious estimate, for advice while it is
 * typed. Every word counts as one of a list of 4 096, whatever its length; what repeats or runs in order counts as next to nothing.
 */
export type Strength = 'weak' | 'fair' | 'good' | 'strong';

/** Bits. With Argon2id at 64 MiB a guess costs some 0.1 s of a core: 2^45 of them are a hundred thousand years of one. */
const LEAST = { fair: 45, good: 60, strong: 75 } as const;
const LEAST_LETTERS = 10;
const WORD_BITS = 12;
const LETTER_BITS = Math.log2(26);
const MIXED_BITS = Math.log2(52);
const DIGIT_BITS = Math.log2(10);
const SIGN_BITS = 5;
/** Of what is known once its beginning is: aaaa, 1234, the word before. */
const KNOWN_BITS = 2;
/** One character of a script without spaces between words. */
const IDEOGRAM_BITS = 10;

/** The same step from each to the next. */
const runs = (token: string): boolean => {
  const steps = new Set(Array.from({ length: token.length - 1 }, (_, i) => token.charCodeAt(i + 1) - token.charCodeAt(i)));
  return token.length > 2 && steps.size === 1 && Math.abs([...steps][0]!) <= 1;
};

function bitsOf(token: string): number {
  if (runs(token)) return KNOWN_BITS;
  if (/^\d+$/.test(token)) return Math.min(token.length * DIGIT_BITS, /^(19|20)\d\d$/.test(token) ? 7 : Infinity);
  if (/^[\p{L}\p{M}]+$/u.test(token)) {
    if (/\p{sc=Han}|\p{sc=Hiragana}|\p{sc=Katakana}|\p{sc=Hangul}/u.test(token)) return [...token].length * IDEOGRAM_BITS;
    // Capitals within a word: letters that were drawn, not a word.
    if (/\p{Ll}.*\p{Lu}/u.test(token)) return token.length * MIXED_BITS;
    return token.length < 3 ? token.length * LETTER_BITS : WORD_BITS;
  }
  return token.length * SIGN_BITS;
}

/** Bits, roughly. */
export function passphraseBits(passphrase: string): number {
  const seen = new Set<string>();
  let bits = 0;
  for (const token of passphrase.normalize('NFKC').match(/[\p{L}\p{M}]+|\d+|[^\p{L}\p{M}\d\s]+/gu) ?? []) {
    const plain = token.toLowerCase();
    bits += seen.has(plain) ? KNOWN_BITS : bitsOf(token);
    seen.add(plain);
  }
  return bits;
}

export function strengthOf(passphrase: string): Strength {
  const bits = passphraseBits(passphrase);
  if (bits < LEAST.fair || (passphrase.length < LEAST_LETTERS && !/\p{sc=Han}/u.test(passphrase))) return 'weak';
  return bits < LEAST.good ? 'fair' : bits < LEAST.strong ? 'good' : 'strong';
}
