/** A camera that reads codes: opened, looked through until something wanted is seen, and put away. */
import { createSignal, onCleanup } from 'solid-js';
import type { Accessor } from 'solid-js';

/** https://wicg.github.io/shape-detection-api/#barcode-detection-api, which not every browser has, nor every system under it. */
interface CodeDetector {
  detect(image: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface CodeDetectors {
  new (options: { readonly formats: readonly string[] }): CodeDetector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** ms. As often as a hand notices; each look costs some tens of them. */
const LOOK_EVERY_MS = 150;
const FORMAT = 'qr_code';

const detectors = (): CodeDetectors | undefined => (globalThis as { readonly BarcodeDetector?: CodeDetectors }).BarcodeDetector;

/** Whether codes can be read here; whether there is a camera is known when it is asked for. */
export async function canReadCodes(): Promise<boolean> {
  const found = detectors();
  if (found === undefined || (navigator.mediaDevices as MediaDevices | undefined) === undefined) return false;
  return (await found.getSupportedFormats().catch((): readonly string[] => [])).includes(FORMAT);
}

/** `other`: it sees a code, but none that is wanted. */
export type CameraState = 'opening' | 'looking' | 'other' | 'denied' | 'failed';

export interface CodeCamera {
  readonly state: Accessor<CameraState>;
  /** It looks at whoever holds the device: shown as in a mirror, a hand finds its way. */
  readonly isMirrored: Accessor<boolean>;
}

/**
 * Opens the camera at once; its owner's end closes it.
 *
 * @param video   shows what it sees
 * @param read    what a code's text means; null: not what is wanted
 * @param onFound called once, with the first that is; the camera is closed then
 */
export function openCodeCamera<T>(video: HTMLVideoElement, read: (text: string) => T | null, onFound: (found: T) => void): CodeCamera {
  const [state, setState] = createSignal<CameraState>('opening');
  const [isMirrored, setMirrored] = createSignal(false);
  let stream: MediaStream | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  function close(): void {
    isOver = true;
    clearTimeout(timer);
    video.srcObject = null;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
  }

  async function look(detector: CodeDetector): Promise<void> {
    // A frame that cannot be read is followed by another.
    const texts = video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA ? [] : (await detector.detect(video).catch(() => [])).map(({ rawValue }) => rawValue);
    if (isOver) return;
    const found = texts.map(read).find((one) => one !== null);
    if (found !== undefined && found !== null) {
      close();
      onFound(found);
      return;
    }
    if (texts.length > 0) setState('other');
    timer = setTimeout(() => void look(detector), LOOK_EVERY_MS);
  }

  async function open(): Promise<void> {
    try {
      const Detector = detectors();
      if (!Detector) throw new DOMException('', 'NotSupportedError');
      const opened = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } } });
      stream = opened;
      // Nobody waits for it any more.
      if (isOver) {
        close();
        return;
      }
      const [track] = opened.getVideoTracks();
      track?.addEventListener('ended', () => {
        if (!isOver) setState('failed');
      });
      setMirrored(track?.getSettings().facingMode !== 'environment');
      video.srcObject = opened;
      await video.play();
      if (isOver) return;
      setState('looking');
      void look(new Detector({ formats: [FORMAT] }));
    } catch (thrown) {
      if (isOver) return;
      close();
      setState(thrown instanceof DOMException && thrown.name === 'NotAllowedError' ? 'denied' : 'failed');
    }
  }

  onCleanup(close);
  void open();
  return { state, isMirrored };
}
