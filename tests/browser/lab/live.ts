/** Runs styles through the product's live processor and listens; called from `live.spec.ts`. */
import { pcmFromArrays } from '../../../shared/pcm.ts';
import type { Style } from '../../../shared/style.ts';
import { render } from '../../../wasm/rendering/render.ts';
import { memoryScratch } from '../../../wasm/rendering/scratch.ts';
import { createLiveNode, loadLiveProcessor } from '../../../web/audio/live/live-node.ts';
import { createPlayer } from '../../../web/audio/player.ts';
import { engineBinary } from '../../../web/workers/engine-binary.ts';
import { GOLDEN_CASES, goldenInput } from '../../golden/cases.ts';
import { styleWith } from '../../support/rendering.ts';
import { loudStretch, tapped, wait, worstDeviation } from './tap.ts';

const RATE = 48_000;
/** Room to make the chain ready in. */
const LEAD_FRAMES = 64 * 128;

async function rendered(rows: readonly Float32Array[], style: Style) {
  const parts: Float32Array[][] = [];
  const sink = { write: async (channels: readonly Float32Array[]) => void parts.push(channels.map((row) => row.slice())) };
  const report = await render(pcmFromArrays(rows, RATE), style, { engine: await engineBinary(), sink, scratch: memoryScratch() });
  const joined = [0, 1].map((channel) => {
    const out = new Float32Array(report.frames);
    let at = 0;
    for (const part of parts) {
      out.set(part[channel] ?? part[0]!, at);
      at += part[0]!.length;
    }
    return out;
  });
  return { report, rows: joined };
}

/** Per style: samples of the captured live sound that differ from the sequential render. */
export async function capture(): Promise<{ readonly name: string; readonly different: number; readonly loudest: number }[]> {
  const outcomes = [];
  for (const { name, style } of GOLDEN_CASES) {
    const input = goldenInput();
    const { report, rows } = await rendered(input, style);
    const context = new OfflineAudioContext({ numberOfChannels: 2, length: LEAD_FRAMES + report.frames, sampleRate: RATE });
    await loadLiveProcessor(context);
    const node = createLiveNode(context, { engine: await engineBinary(), channels: 2, frames: input[0].length }, { onReady: () => undefined });
    node.output.connect(context.destination);
    node.feed(0, input);
    node.set({ style, settings: report.settings });
    node.start(0, LEAD_FRAMES);
    await wait(50);
    const heard = await context.startRendering();
    let [different, loudest] = [0, 0];
    rows.forEach((row, channel) => {
      const live = heard.getChannelData(channel).subarray(LEAD_FRAMES);
      row.forEach((x, i) => {
        if (x !== live[i]) different += 1;
        loudest = Math.max(loudest, Math.abs(x));
      });
    });
    outcomes.push({ name, different, loudest });
  }
  return outcomes;
}

const shelf = (gainDb: number): Style => styleWith({ eq: { bands: [{ type: 'low_shelf', fHz: 200, q: 0.7, gainDb }] } });
const settings = { gainDb: 0, ceilingDbtp: null } as const;

/** Milliseconds of sound from a turn of a knob to the first sample that is another. */
export async function knobDelayMs(): Promise<number> {
  const input = goldenInput();
  const hear = async (turns: boolean) => {
    const context = new OfflineAudioContext({ numberOfChannels: 2, length: 2 * RATE, sampleRate: RATE });
    await loadLiveProcessor(context);
    const node = createLiveNode(context, { engine: await engineBinary(), channels: 2, frames: input[0].length }, { onReady: () => undefined });
    node.output.connect(context.destination);
    node.feed(0, input);
    node.set({ style: shelf(1), settings });
    node.start(0, LEAD_FRAMES);
    void context.suspend(1).then(async () => {
      if (turns) node.set({ style: shelf(8), settings });
      await wait(50);
      await context.resume();
    });
    await wait(50);
    return (await context.startRendering()).getChannelData(0);
  };
  const [still, turned] = [await hear(false), await hear(true)];
  const first = turned.findIndex((x, i) => x !== still[i]);
  return (1000 * (first - RATE)) / RATE;
}

const HZ = 441;
const SECONDS = 15;

/** A sine played live while knobs turn, tracks are switched and the page is busy: the largest deviation from a smooth sine. */
export async function playLive(): Promise<{ readonly worst: number; readonly seconds: number; readonly live: string }> {
  const samples = Float32Array.from({ length: SECONDS * RATE }, (_, n) => 0.25 * Math.sin((2 * Math.PI * HZ * n) / RATE));
  const open = async () => pcmFromArrays([samples], RATE);
  let live = '';
  const heard = await tapped(async (listening) => {
    const player = createPlayer(
      [
        { name: 'target', open, gain: 1, loops: false },
        { name: 'result', open, gain: 1, loops: false },
      ],
      { durationSeconds: SECONDS, preferredHz: RATE, initial: 'result', live: { track: 'result', source: 'target', engine: engineBinary } },
    );
    await player.play();
    await listening();
    await wait(800);
    player.setLive({ sound: { style: shelf(2), settings }, gain: 1 });
    await wait(400);
    for (let turn = 0; turn < 20; turn += 1) {
      player.setLive({ sound: { style: shelf(2 + turn / 5), settings }, gain: 1 });
      await wait(16);
    }
    player.switchTo('target');
    await wait(300);
    player.switchTo('result');
    await wait(300);
    const busyUntil = performance.now() + 2500;
    while (performance.now() < busyUntil);
    await wait(300);
    live = player.state.live;
    player.pause();
    await wait(200);
    player.close();
  });
  const { from, to } = loudStretch(heard, 0.15);
  return { worst: worstDeviation(heard, HZ, from, to), seconds: (to - from) / heard.sampleRate, live };
}

Object.assign(globalThis, { capture, knobDelayMs, playLive });
