import type { JSX } from 'solid-js';
import { createSignal, Show } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import { useAccount } from '../state/account.tsx';
import { Icon } from './icon.tsx';
import { ShareDialog } from './share-dialog.tsx';

/** Opens the dialog that makes a link to a preset; nothing where no server would keep one. */
export function ShareButton(props: { presetId: string; name: string }): JSX.Element {
  const { t } = useI18n();
  const account = useAccount();
  const [isOpen, setOpen] = createSignal(false);
  return (
    <Show when={account?.isOffered() && account}>
      {(offered) => (
        <>
          <button class="button" type="button" onClick={() => setOpen(true)}>
            <Icon name="link" size={18} /> {t('share.link')}
          </button>
          <ShareDialog open={isOpen()} presetId={props.presetId} name={props.name} account={offered()} onClose={() => setOpen(false)} />
        </>
      )}
    </Show>
  );
}
