/** Captures with the clock running, in two ways, and a journal fed faster than anybody can play. */
import { type Capture, startCapture } from '../../../../web/audio/capture/capture-node.ts';
import { type CaptureNews, PIECE_FRAMES } from '../../../../web/audio/capture/messages.ts';
import { browserMicrophones, type Microphone } from '../../../../web/audio/capture/microphones.ts';
import type { JournalNews } from '../../../../web/workers/journal/contract.ts';
import { createWorkers } from '../../../../web/workers/workers.ts';
import type { CaptureWay, StampedCapture } from '../../../support/recorder-page.ts';

const PLAIN = { deviceId: null, echoCancellation: false, noiseSuppression: false, autoGainControl: false } as const;

/** What capturing was before AudioWorklet: frames come to the page, which hands them on. */
function startScriptProcessor({ context, source, channels }: Microphone, port: MessagePort): Capture {
  const node = context.createScriptProcessor(PIECE_FRAMES, channels, channels);
  let frame = 0;
  node.onaudioprocess = ({ inputBuffer, playbackTime }) => {
    const rows = Array.from({ length: channels }, (_, c) => inputBuffer.getChannelData(c).slice());
    // It has no counter of frames; the time of the buffer is the nearest to one.
    frame = Math.round(playbackTime * context.sampleRate);
    port.postMessage({ type: 'frames', frame, rows, atMs: Date.now() } satisfies CaptureNews, rows.map(({ buffer }) => buffer));
  };
  source.connect(node);
  node.connect(context.destination);
  return {
    stop() {
      node.onaudioprocess = null;
      source.disconnect(node);
      node.disconnect();
      port.postMessage({ type: 'end' } satisfies CaptureNews);
    },
  };
}

const burners: Worker[] = [];
let burning: ReturnType<typeof setInterval> | undefined;

/** Every core busy, and the page itself for 0.7 s of every second. */
export function burn(isOn: boolean): void {
  clearInterval(burning);
  for (const worker of burners.splice(0)) worker.terminate();
  if (!isOn) return;
  const source = URL.createObjectURL(new Blob(['let x = 1; for (;;) x = Math.sin(x) + 1;'], { type: 'text/javascript' }));
  for (let i = 0; i < navigator.hardwareConcurrency; i += 1) burners.push(new Worker(source));
  burning = setInterval(() => {
    const until = performance.now() + 700;
    while (performance.now() < until);
  }, 1000);
}

export async function stampedCapture(way: CaptureWay, seconds: number): Promise<StampedCapture> {
  const microphone = await browserMicrophones.open(PLAIN);
  const worker = new Worker(new URL('./stamped.worker.ts', import.meta.url), { type: 'module' });
  const heard = (type: string) =>
    new Promise<StampedCapture & { readonly type: string }>((resolve) => worker.addEventListener('message', ({ data }) => data.type === type && resolve(data as StampedCapture & { type: string })));
  const { port1, port2 } = new MessageChannel();
  const ready = heard('ready');
  worker.postMessage({ port: port1, sampleRate: microphone.sampleRate, channels: microphone.channels }, [port1]);
  await ready;
  const capture = way === 'none' ? null : way === 'worklet' ? await startCapture(microphone, port2) : startScriptProcessor(microphone, port2);
  const from = microphone.context.currentTime;
  await new Promise((done) => setTimeout(done, 1000 * seconds));
  const clockFrames = Math.round((microphone.context.currentTime - from) * microphone.sampleRate);
  const done = heard('done');
  if (capture) capture.stop();
  else port2.postMessage({ type: 'end' } satisfies CaptureNews);
  const { transitMs, writeMs, frames, missed } = await done;
  worker.terminate();
  await microphone.close();
  return { transitMs, writeMs, frames, missed, clockFrames, sampleRate: microphone.sampleRate };
}

/** Frames under way to the journal at most: some seconds of sound, so that what is measured is the journal and not the queue before it. */
const UNDER_WAY = 4 * 48_000;

/**
 * Hours of one channel at 48 kHz, written by the product's journal worker as fast as it takes them.
 * @param onHour told after each quarter of an hour of sound
 */
export async function feedJournal(takeId: string, hours: number, onQuarter: (hour: number) => Promise<void>): Promise<void> {
  const { journal } = createWorkers(2);
  const { port1: news, port2: newsOut } = new MessageChannel();
  let received = 0;
  let wake: () => void = () => undefined;
  news.onmessage = ({ data }: MessageEvent<JournalNews>) => {
    received = data.receivedFrames;
    wake();
  };
  await journal.call('begin', { identity: { takeId, name: 'Hours', startedMs: Date.now() }, news: newsOut }, {}, [newsOut]);
  const { port1, port2 } = new MessageChannel();
  const facts = { index: 0, sampleRate: 48_000, channels: 1, startedMs: Date.now(), deviceLabel: '', processing: PLAIN, why: 'started' } as const;
  await journal.call('segment', { facts, isContinued: false, port: port1 }, {}, [port1]);
  const total = Math.floor((hours * 3600 * 48_000) / PIECE_FRAMES) * PIECE_FRAMES;
  const quarter = 900 * 48_000;
  let told = 0;
  for (let frame = 0; frame < total; frame += PIECE_FRAMES) {
    // The place of the piece in all of its samples; sound of some kind, and never zero.
    const rows = [new Float32Array(PIECE_FRAMES).fill(1 + (frame / PIECE_FRAMES) % 4096)];
    port2.postMessage({ type: 'frames', frame, rows, atMs: Date.now() } satisfies CaptureNews, rows.map(({ buffer }) => buffer));
    while (frame - received > UNDER_WAY) await new Promise<void>((resolve) => (wake = resolve));
    if (frame - told >= quarter) {
      told += quarter;
      await onQuarter(frame / 48_000 / 3600);
    }
  }
  port2.postMessage({ type: 'end' } satisfies CaptureNews);
  await journal.call('end', { endedMs: Date.now(), why: 'stopped' });
  news.close();
  journal.terminate();
}
