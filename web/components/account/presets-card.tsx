import type { JSX } from 'solid-js';
import { Match, Show, Switch } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { usePresetSync } from '../../state/preset-sync.tsx';
import type { PresetSyncState } from '../../state/preset-sync.tsx';
import { Icon } from '../icon.tsx';
import { ErrorMessage } from '../message.tsx';

/** Whether presets here and those of the account are in step. */
export function PresetsCard(): JSX.Element {
  const { t, number } = useI18n();
  const sync = usePresetSync();
  const is = <S extends PresetSyncState['status']>(status: S) => {
    const now = sync?.state();
    return now?.status === status ? (now as Extract<PresetSyncState, { status: S }>) : undefined;
  };
  return (
    <section class="card account-card">
      <h2>{t('account.presets')}</h2>
      <p class="quiet small">{t('account.presetsText')}</p>
      <Show when={is('failed')}>{(failed) => <ErrorMessage error={failed().error} />}</Show>
      <div class="account-line">
        <span class="account-state" role="status">
          <Switch fallback={<span class="quiet">{t('sync.off')}</span>}>
            <Match when={is('running')}>
              <span class="quiet">{t('sync.running')}</span>
            </Match>
            <Match when={is('done')}>
              {(done) => (
                <>
                  <Icon name="check" size={18} /> {done().count === 1 ? t('sync.doneOne') : t('sync.done', { count: number(done().count, 0) })}
                </>
              )}
            </Match>
          </Switch>
        </span>
        <button class="button" type="button" disabled={is('running') !== undefined} onClick={() => sync?.again()}>
          {t('sync.again')}
        </button>
      </div>
    </section>
  );
}
