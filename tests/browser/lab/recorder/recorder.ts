/** The product's own recorder on a page without screens, and a tap beside it. What tests and benches call is `globalThis.recorder`. */
import type { Job } from '../../../../shared/jobs.ts';
import type { Style } from '../../../../shared/style.ts';
import { createBrowserService } from '../../../../web/jobs/browser-service.ts';
import type { LiveState, LiveTake, TakeInfo, TakeInput } from '../../../../web/jobs/takes-contract.ts';
import { CodeReader, type CodeReading } from '../../../support/frame-code.ts';
import type { FedJournal, Recovered, RecorderPage, TapNews } from '../../../support/recorder-page.ts';
import { burn, feedJournal, stampedCapture } from './capture-lab.ts';
import tapUrl from './tap.worklet.ts?worker&url';

const READ_FRAMES = 1 << 18;
const service = await createBrowserService();
let live: LiveTake | null = null;
let input: TakeInput | null = null;
let tapped: TapNews | null = null;
/** Of the take that was started last, in the order they came. */
const alarms = new Set<string>();

async function read(id: string): Promise<CodeReading> {
  const pcm = await service.pcm(id);
  const reader = new CodeReader();
  for (let frame = 0; frame < pcm.frames; frame += READ_FRAMES) reader.read((await pcm.read(frame, READ_FRAMES))[0]!);
  return reader.result();
}

function takes(): Promise<readonly TakeInfo[]> {
  return new Promise((resolve) => {
    const stop = service.takes.watchTakes((list) => {
      resolve(list);
      setTimeout(() => stop());
    });
  });
}

async function memory(): Promise<number> {
  const measure = (performance as { measureUserAgentSpecificMemory?(): Promise<{ readonly bytes: number }> }).measureUserAgentSpecificMemory;
  return measure ? (await measure.call(performance)).bytes : -1;
}

async function feed(hours: number): Promise<FedJournal> {
  const id = crypto.randomUUID();
  const held: number[] = [await memory()];
  const startMs = performance.now();
  let measuredMs = 0;
  await feedJournal(id, hours, async (hour) => {
    if (Math.abs(hour - Math.round(hour)) > 0.1 && hours >= 1) return;
    const fromMs = performance.now();
    held.push(await memory());
    measuredMs += performance.now() - fromMs;
  });
  const feedSeconds = (performance.now() - startMs - measuredMs) / 1000;
  const openFrom = performance.now();
  const pcm = await service.takes.pcm(id);
  const middle = Math.floor(pcm.frames / 2 / 512) * 512;
  const [row] = await pcm.read(middle, 48_000);
  const openMs = performance.now() - openFrom;
  held.push(await memory());
  const isRight = row!.every((value, i) => value === 1 + ((middle + i - ((middle + i) % 512)) / 512) % 4096);
  return { id, memory: held, feedSeconds, openMs, frames: pcm.frames, middle: isRight ? middle : -1 };
}

const recorder = {
  burn,
  stampedCapture,
  feed,
  service,
  takes,
  read,
  tapped: () => tapped,
  alarms: () => [...alarms],
  state: (): LiveState | null => live?.state() ?? null,
  /** @param onTap a binding of the test, told what was delivered and when */
  async start(options: { readonly tap?: boolean; readonly withPreset?: Style | null } = {}): Promise<string> {
    const choice = { deviceId: null, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    live = await service.takes.start({ ...choice, name: 'Take', withPreset: options.withPreset ?? null, input: null });
    alarms.clear();
    live.watch((state) => state.alarms.forEach((alarm) => alarms.add(alarm)));
    live.watchInput((opened) => (input = opened));
    if (options.tap !== false) {
      live.watchInput((opened) => {
        if (!opened) return;
        void opened.context.audioWorklet.addModule(tapUrl).then(() => {
          const node = new AudioWorkletNode(opened.context, 'tap', { numberOfOutputs: 0 });
          node.port.onmessage = ({ data }: MessageEvent<TapNews>) => {
            tapped = data;
            (globalThis as { delivered?: (news: TapNews) => void }).delivered?.(data);
          };
          opened.source.connect(node);
        });
      });
    }
    return live.id;
  },
  live: () => live,
  input: () => input,
  async stop(): Promise<TakeInfo> {
    return live!.stop();
  },
  /** As a person does at the next start: every interrupted take is offered, heard and kept. */
  async recover(): Promise<readonly Recovered[]> {
    const found = (await takes()).filter(({ state }) => state === 'interrupted');
    const recovered: Recovered[] = [];
    for (const take of found) {
      const reading = await read(take.id);
      recovered.push({ take, reading, recordingId: await service.takes.keep(take.id) });
    }
    return recovered;
  },
  jobs: () =>
    new Promise<readonly Job[]>((resolve) => {
      const stop = service.watchJobs((list) => {
        resolve(list);
        setTimeout(() => stop());
      });
    }),
  async discardAll(): Promise<void> {
    for (const { id, state } of await takes()) if (state !== 'recording') await service.takes.discard(id);
  },
};

export type RecorderLab = typeof recorder;
Object.assign(globalThis, { recorder: recorder satisfies RecorderPage });
