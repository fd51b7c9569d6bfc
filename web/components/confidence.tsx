import type { JSX } from 'solid-js';
import { For } from 'solid-js';
import type { MessageKey } from '../i18n/en.ts';
import { useI18n } from '../i18n/i18n.tsx';

/** From which confidence on each word is used; three bars, one more lit for each. */
const WORDS: readonly { readonly from: number; readonly key: MessageKey }[] = [
  { from: 0, key: 'sure.low' },
  { from: 0.5, key: 'sure.middle' },
  { from: 0.8, key: 'sure.high' },
];

/** How sure the estimate is: bars, a word and a number. */
export function Confidence(props: { value: number }): JSX.Element {
  const { t, number } = useI18n();
  const lit = () => WORDS.filter(({ from }) => props.value >= from).length;
  const words = () => t('sure.percent', { label: t(WORDS[lit() - 1]?.key ?? 'sure.low'), percent: number(props.value * 100, 0) });
  return (
    <span class="confidence number">
      <span class="confidence-bars" aria-hidden="true">
        <For each={WORDS}>{(_, index) => <span classList={{ lit: index() < lit() }} />}</For>
      </span>
      {words()}
    </span>
  );
}
