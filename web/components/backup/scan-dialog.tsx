import type { JSX } from 'solid-js';
import { createSignal, onMount, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { type CodeCamera, openCodeCamera } from '../../state/code-camera.ts';
import { Message } from '../message.tsx';
import { Modal } from '../modal.tsx';
import { pairingCodeIn } from './pairing-dialog.tsx';
import './scan-dialog.css';

/** Reads the code that another device shows. The camera is on as long as the dialog is there. */
export function ScanDialog(props: { onCode: (code: string) => void; onClose: () => void }): JSX.Element {
  const { t } = useI18n();
  return (
    <Modal open title={t('scan.title')} onClose={props.onClose}>
      <Sight onCode={props.onCode} />
      <div class="dialog-actions">
        <button class="button" type="button" onClick={() => props.onClose()}>
          {t('scan.type')}
        </button>
      </div>
    </Modal>
  );
}

function Sight(props: { onCode: (code: string) => void }): JSX.Element {
  const { t } = useI18n();
  let video!: HTMLVideoElement;
  const [camera, setCamera] = createSignal<CodeCamera | null>(null);
  onMount(() => setCamera(openCodeCamera(video, pairingCodeIn, (code) => props.onCode(code))));
  const state = () => camera()?.state() ?? 'opening';
  const isOff = (): boolean => state() === 'denied' || state() === 'failed';
  return (
    <div class="scan">
      <div class="scan-sight" classList={{ mirrored: camera()?.isMirrored() ?? false }} hidden={isOff()}>
        <video ref={video} muted playsinline aria-label={t('scan.sight')} />
        <span class="scan-frame" aria-hidden="true" />
      </div>
      <Show when={isOff()} fallback={<p class="scan-words" role="status">{t(state() === 'opening' ? 'scan.opening' : state() === 'other' ? 'scan.other' : 'scan.looking')}</p>}>
        <Message kind="error">{t(state() === 'denied' ? 'scan.denied' : 'scan.failed')}</Message>
      </Show>
    </div>
  );
}
