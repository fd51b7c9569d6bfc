import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { RecordWarning } from '../../state/record-warnings.ts';
import { Icon } from '../icon.tsx';

/** Plain words before a take. */
export function WarningList(props: { warnings: readonly RecordWarning[] }): JSX.Element {
  const { t, span, number, hertz } = useI18n();
  const sentence = (warning: RecordWarning): string => {
    switch (warning.code) {
      case 'bluetooth':
      case 'low-rate':
        return t(`warning.${warning.code}`, { rate: number(warning.sampleRate / 1000, 0), hz: hertz(warning.sampleRate / 2) });
      case 'low-space':
        return t('warning.low-space', { time: span(warning.seconds) });
      case 'insecure':
      case 'private':
      case 'no-wake-lock':
      case 'processing':
        return t(`warning.${warning.code}`);
      default:
        return warning satisfies never;
    }
  };
  return (
    <Show when={props.warnings.length > 0}>
      <ul class="record-warnings">
        <For each={props.warnings}>
          {(warning) => (
            <li class="record-warning">
              <Icon name="alert" size={18} />
              <span>{sentence(warning)}</span>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}
