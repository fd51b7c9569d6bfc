import type { JSX } from 'solid-js';
import { createSignal, Match, onCleanup, onMount, Show, Switch } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { Pairing, SyncService } from '../../jobs/sync/contract.ts';
import { createAttempt } from '../../state/attempt.ts';
import { ErrorMessage, Message } from '../message.tsx';
import { Modal } from '../modal.tsx';
import { QrCode } from '../qr-code.tsx';

/** Where the camera of a new device is sent; what follows # never reaches a server. */
export const pairingAddress = (origin: string, code: string): string => `${origin}/backup#pair=${code}`;
/** The code in an address that a camera read, wherever that address leads: which account it opens, the server knows. */
export const pairingCodeIn = (text: string): string | null => (URL.canParse(text) ? pairingCodeOf(new URL(text).hash) : null);
export const pairingCodeOf = (hash: string): string | null => /^#pair=([\w-]{20,60})$/.exec(hash)?.[1] ?? null;

/** Hands the key to a new device: shows the code, asks whether the device that read it is the right one. */
export function PairingDialog(props: { sync: SyncService; onClose: () => void }): JSX.Element {
  const { t } = useI18n();
  const [pairing, setPairing] = createSignal<Pairing | null>(null);
  const [device, setDevice] = createSignal<string | null>(null);
  const [isDone, setDone] = createSignal(false);
  const attempt = createAttempt();
  const leaving = new AbortController();
  const named = (): string => device() || t('pair.unnamed');
  onMount(
    () =>
      void attempt.run(async () => {
        const begun = await props.sync.startPairing();
        setPairing(begun);
        setDevice(await begun.answered(leaving.signal));
      }),
  );
  onCleanup(() => {
    leaving.abort();
    // The other device ends it once it has the key.
    if (!isDone()) void pairing()?.end();
  });
  const confirm = async (): Promise<void> => {
    await attempt.run(async () => {
      await pairing()?.confirm();
      setDone(true);
    });
  };
  return (
    <Modal open title={t(device() !== null && !isDone() ? 'pair.confirmTitle' : 'vault.addDevice')} onClose={props.onClose}>
      <Switch>
        <Match when={isDone()}>
          <Message kind="info">{t('pair.done', { device: named() })}</Message>
        </Match>
        <Match when={device() !== null}>
          <p>{t('pair.confirm', { device: named() })}</p>
          <div class="dialog-actions">
            <button class="button" type="button" onClick={() => props.onClose()}>
              {t('vault.cancel')}
            </button>
            <button class="button primary" type="button" disabled={attempt.isBusy()} onClick={() => void confirm()}>
              {t('pair.yes')}
            </button>
          </div>
        </Match>
        <Match when={pairing()}>
          {(begun) => (
            <div class="vault-pair">
              <p>{t('pair.scan')}</p>
              <QrCode text={pairingAddress(location.origin, begun().code)} label={t('vault.pairingCode')} />
              <p class="small">{t('pair.type')}</p>
              <p class="vault-pair-code number">{begun().code}</p>
              <p class="small quiet">{t('pair.good')}</p>
            </div>
          )}
        </Match>
      </Switch>
      <Show when={attempt.failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
    </Modal>
  );
}
