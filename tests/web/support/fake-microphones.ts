/** Microphones that play what a test gives them, on a clock of their own. */
import { AppError } from '../../../shared/errors.ts';
import { type CaptureNews, PIECE_FRAMES } from '../../../web/audio/capture/messages.ts';
import type { Microphone, MicrophoneLoss, Microphones } from '../../../web/audio/capture/microphones.ts';

export interface FakeDevice {
  readonly deviceId: string;
  readonly label: string;
  readonly sampleRate: number;
  readonly channels: 1 | 2;
}

export interface FakeMicrophone extends Microphone {
  /** Frames reach the journal as the audio thread would send them; time goes on meanwhile. */
  play(rows: readonly Float32Array[]): void;
  /** Frames that nobody hears. */
  skip(frames: number): void;
  lose(why: MicrophoneLoss): void;
  readonly isOpen: boolean;
}

export const BUILT_IN: FakeDevice = { deviceId: 'built-in', label: 'Built-in', sampleRate: 48_000, channels: 1 };

export function fakeMicrophones(devices: FakeDevice[] = [BUILT_IN], startMs = 1_700_000_000_000) {
  const opened: FakeMicrophone[] = [];
  const deviceListeners = new Set<() => void>();
  let clockMs = startMs;
  let denied = false;

  function openDevice(device: FakeDevice, processing: Microphone['processing']): FakeMicrophone {
    const losses = new Set<(why: MicrophoneLoss) => void>();
    let [frame, isOpen] = [12_800, true];
    let port: MessagePort | null = null;
    const microphone: FakeMicrophone & { connect(to: MessagePort): () => void } = {
      ...device, deviceLabel: device.label, processing,
      // Nothing in these tests listens to it.
      context: {} as AudioContext, source: {} as AudioNode,
      get isOpen() {
        return isOpen;
      },
      connect(to) {
        port = to;
        return () => {
          to.postMessage({ type: 'end' } satisfies CaptureNews);
          to.close();
          port = null;
        };
      },
      play(rows) {
        const frames = rows[0]!.length;
        for (let at = 0; at < frames; at += PIECE_FRAMES) {
          const piece = rows.map((row) => Float32Array.from(row.subarray(at, at + PIECE_FRAMES)));
          const count = piece[0]!.length;
          clockMs += (1000 * count) / device.sampleRate;
          port?.postMessage({ type: 'frames', frame, rows: piece, atMs: clockMs } satisfies CaptureNews);
          frame += count;
        }
      },
      skip(frames) {
        frame += frames;
        clockMs += (1000 * frames) / device.sampleRate;
      },
      lose(why) {
        Array.from(losses).forEach((listener) => listener(why));
      },
      close() {
        isOpen = false;
        return Promise.resolve();
      },
      onLoss(listener) {
        losses.add(listener);
        return () => losses.delete(listener);
      },
    };
    opened.push(microphone);
    return microphone;
  }

  const microphones: Microphones = {
    open({ deviceId, ...processing }) {
      if (denied) return Promise.reject(new AppError('capture/denied'));
      const device = devices.find((one) => deviceId === null || one.deviceId === deviceId);
      return device ? Promise.resolve(openDevice(device, processing)) : Promise.reject(new AppError('capture/no-device'));
    },
    capture: (microphone, port) => Promise.resolve({ stop: (microphone as FakeMicrophone & { connect(to: MessagePort): () => void }).connect(port) }),
    onDevices(listener) {
      deviceListeners.add(listener);
      return () => deviceListeners.delete(listener);
    },
  };
  return {
    microphones,
    opened,
    devices,
    nowMs: () => clockMs,
    pass(ms: number) {
      clockMs += ms;
    },
    /** Devices have come or gone. */
    change(present: readonly FakeDevice[]) {
      devices.splice(0, devices.length, ...present);
      Array.from(deviceListeners).forEach((listener) => listener());
    },
    deny(isDenied: boolean) {
      denied = isDenied;
    },
  };
}
