/** What speaking costs, as the provider counts. */
import type { SpeechModel } from './voices.tsx';

/** Two Latin letters count as one, anything wide as one. Source: StepFun's pricing page, as `speechModel.speech_price` says. */
export function countedCharacters(text: string): number {
  let [wide, narrow] = [0, 0];
  for (const character of text) {
    if (character.codePointAt(0)! > 0x2e7f) wide += 1;
    else narrow += 1;
  }
  return wide + Math.ceil(narrow / 2);
}

/** An amount in its currency, exact to what is paid: small ones with more decimals. Null: not known. */
export function writtenPrice(price: SpeechModel['clone_price'], language: string, share = 1): string | null {
  if (!price) return null;
  const amount = price.amount * share;
  return new Intl.NumberFormat(language, { style: 'currency', currency: price.currency, maximumFractionDigits: amount < 0.1 ? 4 : 2 }).format(amount);
}

export const speakingPrice = (model: SpeechModel | undefined, text: string, language: string): string | null => writtenPrice(model?.speech_price ?? null, language, countedCharacters(text) / 10_000);
