/** The microphone before and between takes: which one, how it is opened, and whether it is open. */
import { createEffect, createSignal, onCleanup } from 'solid-js';
import { createStore } from 'solid-js/store';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { TakeProcessing } from '../../shared/takes.ts';
import type { Capturing, TakeInput, TakeService } from '../jobs/takes-contract.ts';

export type MicrophoneState =
  | { readonly status: 'closed' }
  | { readonly status: 'opening' }
  | { readonly status: 'open'; readonly input: TakeInput }
  | { readonly status: 'failed'; readonly error: ErrorBody };

export interface MicrophoneDevice {
  readonly id: string;
  /** Empty until the microphone was allowed. */
  readonly label: string;
}

const STORED_AS = 'tonetwin.microphone';
export const PROCESSING = ['echoCancellation', 'noiseSuppression', 'autoGainControl'] as const satisfies readonly (keyof TakeProcessing)[];
const PLAIN: Capturing = { deviceId: null, echoCancellation: false, noiseSuppression: false, autoGainControl: false };

function remembered(storage: Pick<Storage, 'getItem'> | null): Capturing {
  try {
    return { ...PLAIN, ...(JSON.parse(storage?.getItem(STORED_AS) ?? 'null') as Partial<Capturing> | null) };
  } catch {
    return PLAIN;
  }
}

/** @param devices  undefined where the page is not secure */
export function createMicrophone(takes: Pick<TakeService, 'openInput'>, storage: Pick<Storage, 'getItem' | 'setItem'> | null, devices: MediaDevices | undefined) {
  const [wanted, setWanted] = createStore<{ -readonly [K in keyof Capturing]: Capturing[K] }>({ ...remembered(storage) });
  const [state, setState] = createSignal<MicrophoneState>({ status: 'closed' });
  const [known, setKnown] = createSignal<readonly MicrophoneDevice[]>([]);
  let opening = 0;

  createEffect(() => storage?.setItem(STORED_AS, JSON.stringify({ ...wanted })));

  const look = async (): Promise<void> => {
    const all = (await devices?.enumerateDevices().catch(() => [])) ?? [];
    // "default" and "communications" are other names of devices that are in the list themselves.
    setKnown(all.filter(({ kind, deviceId }) => kind === 'audioinput' && !['', 'default', 'communications'].includes(deviceId)).map(({ deviceId, label }) => ({ id: deviceId, label })));
  };
  void look();
  devices?.addEventListener?.('devicechange', look);
  onCleanup(() => devices?.removeEventListener?.('devicechange', look));

  const release = (): TakeInput | null => {
    opening += 1;
    const now = state();
    setState({ status: 'closed' });
    return now.status === 'open' ? now.input : null;
  };
  const close = async (): Promise<void> => release()?.close();
  async function open(): Promise<void> {
    await close();
    const mine = ++opening;
    setState({ status: 'opening' });
    try {
      const input = await takes.openInput({ ...wanted });
      // Asked for again meanwhile, or not wanted any more.
      if (mine !== opening) return void input.close();
      setState({ status: 'open', input });
      void look();
    } catch (thrown) {
      if (mine === opening) setState({ status: 'failed', error: toAppError(thrown).toBody() });
    }
  }
  async function change(next: Partial<Capturing>): Promise<void> {
    setWanted(next);
    if (state().status !== 'closed') await open();
  }
  onCleanup(() => void close());

  return {
    wanted,
    state,
    devices: known,
    input: () => {
      const now = state();
      return now.status === 'open' ? now.input : null;
    },
    open,
    close,
    change,
    /** The open input is another's from now on: a take's. */
    release,
  };
}

export type Microphone = ReturnType<typeof createMicrophone>;
