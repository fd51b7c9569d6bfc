/** Microphones of this machine, opened at the rate and with the channels they truly have. */
import { AppError } from '../../../shared/errors.ts';
import type { TakeProcessing } from '../../../shared/takes.ts';
import { type Capture, loadCaptureProcessor, startCapture } from './capture-node.ts';

export interface MicrophoneChoice extends TakeProcessing {
  /** null: the one the browser prefers. */
  readonly deviceId: string | null;
}

export type MicrophoneLoss = 'device-changed' | 'rate-changed';

export interface Microphone {
  readonly context: AudioContext;
  readonly source: AudioNode;
  /** Hz. */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly deviceId: string | null;
  readonly deviceLabel: string;
  readonly processing: TakeProcessing;
  close(): Promise<void>;
  /** Calls back once when it is gone or stands still, or runs at another rate than it was opened with; answers how to stop. */
  onLoss(listener: (why: MicrophoneLoss) => void): () => void;
}

/** What the recorder needs of a browser; tests bring their own. */
export interface Microphones {
  /** @throws AppError 'capture/denied', 'capture/no-device', 'capture/failed', 'capture/insecure' */
  open(choice: MicrophoneChoice): Promise<Microphone>;
  capture(microphone: Microphone, port: MessagePort): Promise<Capture>;
  /** Calls back when devices come and go; answers how to stop. */
  onDevices(listener: () => void): () => void;
}

/** A rate that changes tells nobody: it is looked at so often, and when devices come and go. */
const LOOK_MS = 1000;
/** Without a sound device some browsers never start a context. Frames may still come later. */
const RESUME_MS = 2000;

function captureError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const name = thrown instanceof Error ? thrown.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return new AppError('capture/denied', {}, { cause: thrown });
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new AppError('capture/no-device', {}, { cause: thrown });
    default:
      return new AppError('capture/failed', { detail: name || String(thrown) }, { cause: thrown });
  }
}

/** At the device's own rate nothing is resampled before it is kept. Some browsers allow only the rate of the output. */
function contextAt(sampleRate: number | undefined): AudioContext {
  try {
    return new AudioContext({ latencyHint: 'interactive', ...(sampleRate === undefined ? {} : { sampleRate }) });
  } catch {
    return new AudioContext({ latencyHint: 'interactive' });
  }
}

async function openMicrophone({ deviceId, ...processing }: MicrophoneChoice): Promise<Microphone> {
  if (!isSecureContext) throw new AppError('capture/insecure');
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { ...processing, channelCount: { ideal: 2 }, ...(deviceId === null ? {} : { deviceId: { exact: deviceId } }) },
  });
  const [track] = stream.getAudioTracks();
  if (!track) throw new AppError('capture/no-device');
  let context: AudioContext | undefined;
  try {
    const settings = track.getSettings();
    context = contextAt(settings.sampleRate);
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([context.resume(), new Promise<void>((resolve) => (timer = setTimeout(resolve, RESUME_MS)))]);
    clearTimeout(timer);
    await loadCaptureProcessor(context);
    const opened = context;
    const source = opened.createMediaStreamSource(stream);
    // Chromium collects what nobody takes from a source, up to a tenth of a second, and is that much late from then on: a round trip
    // that was measured before would be wrong after. So somebody always takes.
    const silence = new GainNode(opened, { gain: 0 });
    source.connect(silence).connect(opened.destination);
    return {
      context: opened,
      source,
      sampleRate: opened.sampleRate,
      channels: settings.channelCount === 2 ? 2 : 1,
      deviceId: settings.deviceId ?? null,
      deviceLabel: track.label,
      processing: {
        echoCancellation: Boolean(settings.echoCancellation ?? processing.echoCancellation),
        noiseSuppression: settings.noiseSuppression ?? processing.noiseSuppression,
        autoGainControl: settings.autoGainControl ?? processing.autoGainControl,
      },
      async close() {
        track.stop();
        source.disconnect();
        silence.disconnect();
        if (opened.state !== 'closed') await opened.close();
      },
      onLoss: (listener) => watchLoss(track, opened, settings.sampleRate, listener),
    };
  } catch (thrown) {
    track.stop();
    await context?.close();
    throw thrown;
  }
}

function watchLoss(track: MediaStreamTrack, context: AudioContext, openedHz: number | undefined, listener: (why: MicrophoneLoss) => void): () => void {
  const stop = (): void => {
    clearInterval(timer);
    track.removeEventListener('ended', look);
    context.removeEventListener('statechange', look);
    navigator.mediaDevices.removeEventListener('devicechange', look);
  };
  const look = (): void => {
    // A context that stops (a call on a phone, a sound card that went) stops its clock too: what is missed would leave no trace.
    const hasStopped = isRunning && context.state !== 'running';
    isRunning ||= context.state === 'running';
    const isGone = track.readyState === 'ended' || hasStopped;
    const { sampleRate } = track.getSettings();
    if (!isGone && (sampleRate === undefined || sampleRate === openedHz)) return;
    stop();
    listener(isGone ? 'device-changed' : 'rate-changed');
  };
  let isRunning = context.state === 'running';
  const timer = setInterval(look, LOOK_MS);
  track.addEventListener('ended', look);
  context.addEventListener('statechange', look);
  navigator.mediaDevices.addEventListener('devicechange', look);
  return stop;
}

export const browserMicrophones: Microphones = {
  open: (choice) =>
    openMicrophone(choice).catch((thrown: unknown) => {
      throw captureError(thrown);
    }),
  capture: startCapture,
  onDevices(listener) {
    navigator.mediaDevices?.addEventListener('devicechange', listener);
    return () => navigator.mediaDevices?.removeEventListener('devicechange', listener);
  },
};
