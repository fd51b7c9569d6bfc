/**
 * `npm run bench -- capture [--seconds N] [--hours N]`: what reaches the journal of what the microphone delivers while the machine is
 * busy, how fast, at what price, and what memory hours of it take.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { launch, openRecorder, type RunningBrowser } from '../support/crash.ts';
import { findChromium } from '../support/find-chromium.ts';
import { codedWav } from '../support/frame-code.ts';
import { anonymousBytes, commandOf, cpuSeconds, treeOf } from '../support/process-use.ts';
import type { CaptureWay, RecorderWindow, StampedCapture } from '../support/recorder-page.ts';
import { serveRecorderLab } from '../support/recorder-lab.ts';
import { type Bench, type BenchRow, median } from './bench.ts';

const PIECE_FRAMES = 512;
/** What is promised of a frame's way from the audio thread to the journal. */
const LATENCY_MS = 20;
const MEMORY_BYTES = 150e6;
/** Of each way of capturing, in turn. */
const ROUNDS = 3;
const ROUND_SECONDS = 20;

function argument(name: string, usual: number): number {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? usual : Number(process.argv[at + 1]);
  if (!(value > 0)) throw new Error(`--${name} wants a number over 0.`);
  return value;
}

const row = (what: string, ours: number, yardstick: number | null, unit: string, note: string, ratio: number | null = null): BenchRow => ({ what, ours, yardstick, unit, ratio, note });
const share = (values: readonly number[], part: number): number => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(part * values.length))] ?? 0;
const most = (values: readonly number[]): number => values.reduce((high, value) => Math.max(high, value), 0);

/** The same signal on a tap and in the take, every core and the page busy meanwhile. */
async function busyTake(page: Page, seconds: number): Promise<BenchRow[]> {
  await page.evaluate(() => (globalThis as RecorderWindow).recorder!.start());
  await page.waitForTimeout(1000);
  await page.evaluate(() => (globalThis as RecorderWindow).recorder!.burn(true));
  await page.waitForTimeout(1000 * seconds);
  await page.evaluate(() => (globalThis as RecorderWindow).recorder!.burn(false));
  const tapped = (await page.evaluate(() => (globalThis as RecorderWindow).recorder!.tapped()))!;
  const info = await page.evaluate(() => (globalThis as RecorderWindow).recorder!.stop());
  const reading = await page.evaluate((id) => (globalThis as RecorderWindow).recorder!.read(id), info.recordingId!);
  await page.evaluate(() => (globalThis as RecorderWindow).recorder!.discardAll());
  const gaps = info.segments.flatMap((segment) => segment.gaps);
  const isDevice = ({ at, zeros, missing }: (typeof reading.breaks)[number]): boolean =>
    tapped.breaks.some((heard) => heard.zeros === zeros && heard.missing === missing) || (missing === 0 && gaps.some(({ frame, frames }) => frame <= at && frame + frames >= at + zeros));
  const own = reading.breaks.filter((one) => !isDevice(one));
  const missed = gaps.filter(({ cause }) => cause === 'missed').reduce((sum, { frames }) => sum + frames, 0);
  const lost = reading.wrong + own.reduce((sum, { missing }) => sum + Math.abs(missing), 0) + Math.max(0, missed - tapped.jumped);
  return [
    row('lost between worklet and journal', lost, 0, 'frames', `${(reading.frames / 44_100).toFixed(0)} s of the coded signal, every core busy and the page blocked 0.7 s of every second`),
    row('holes of the device', reading.breaks.length - own.length, null, '', 'the tap on the same input heard them too, or they are written down as silence'),
    row('jumps of the audio clock', tapped.jumped, null, 'frames', ''),
  ];
}

const latencies = ({ transitMs, writeMs, sampleRate }: StampedCapture, how: string): BenchRow[] => {
  const piece = (1000 * PIECE_FRAMES) / sampleRate;
  return [
    row(`a frame's way to the journal, ${how}`, piece + share(transitMs, 0.99), LATENCY_MS, 'ms', `99 of 100: ${piece.toFixed(1)} ms to fill a piece and ${share(transitMs, 0.99)} ms from thread to thread; most ${most(transitMs)} ms`, LATENCY_MS / (piece + share(transitMs, 0.99))),
    row(`median of it, ${how}`, piece + median(transitMs), LATENCY_MS, 'ms', '', LATENCY_MS / (piece + median(transitMs))),
    row(`a block into the file, ${how}`, share(writeMs, 0.99), null, 'ms', `99 of 100; most ${most(writeMs).toFixed(1)} ms`),
  ];
};

/** Processor time of the whole browser while it captures in one way or the other, without what an open microphone costs anyway. */
async function shares({ page, pid }: RunningBrowser): Promise<BenchRow[]> {
  const used: Record<CaptureWay, number[]> = { none: [], worklet: [], 'script-processor': [] };
  const runs: Partial<Record<CaptureWay, StampedCapture>> = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const way of ['none', 'worklet', 'script-processor'] as const) {
      const from = cpuSeconds(treeOf(pid));
      runs[way] = await page.evaluate(([how, seconds]) => (globalThis as RecorderWindow).recorder!.stampedCapture(how, seconds), [way, ROUND_SECONDS] as const);
      used[way].push((cpuSeconds(treeOf(pid)) - from) / ROUND_SECONDS);
    }
  }
  const over = (way: CaptureWay): number => Math.max(0, median(used[way]) - median(used.none));
  const [ours, theirs] = [100 * over('worklet'), 100 * over('script-processor')];
  return [
    row('processor time of capturing', ours, theirs, '%', `of one core, over an open microphone; median of ${ROUNDS} rounds in turn; yardstick: a ScriptProcessor of ${PIECE_FRAMES} frames`, theirs / ours),
    ...latencies(runs.worklet!, 'idle'),
  ];
}

async function busyWays(page: Page): Promise<BenchRow[]> {
  await page.evaluate(() => (globalThis as RecorderWindow).recorder!.burn(true));
  const captured = async (way: CaptureWay) => page.evaluate(([how, seconds]) => (globalThis as RecorderWindow).recorder!.stampedCapture(how, seconds), [way, ROUND_SECONDS] as const);
  const [ours, theirs] = [await captured('worklet'), await captured('script-processor')];
  await page.evaluate(() => (globalThis as RecorderWindow).recorder!.burn(false));
  const missing = ({ clockFrames, frames }: StampedCapture): number => Math.max(0, 100 * (1 - frames / clockFrames));
  return [
    ...latencies(ours, 'busy'),
    row('not captured while the page is busy', missing(ours), missing(theirs), '%', `of ${ROUND_SECONDS} s by the audio clock, start and end included; yardstick: the ScriptProcessor`),
  ];
}

async function hoursOfMemory({ page, pid }: RunningBrowser, hours: number): Promise<BenchRow[]> {
  const renderer = treeOf(pid).filter((one) => commandOf(one).includes('--type=renderer'));
  const anonymous = (): number => most(renderer.map(anonymousBytes));
  const before = anonymous();
  let high = before;
  const sampler = setInterval(() => (high = Math.max(high, anonymous())), 250);
  const fed = await page.evaluate((of) => (globalThis as RecorderWindow).recorder!.feed(of), hours);
  clearInterval(sampler);
  if (fed.middle < 0) throw new Error('The take that was fed is not the take that is read.');
  await page.evaluate(() => (globalThis as RecorderWindow).recorder!.discardAll());
  const what = `${hours} h of one channel at 48 kHz`;
  return [
    row('memory of page and workers', most(fed.memory) / 1e6, MEMORY_BYTES / 1e6, 'MB', `${what}, by the browser's account every hour and with the take opened: ${fed.memory.map((bytes) => (bytes / 1e6).toFixed(1)).join(', ')}`, MEMORY_BYTES / most(fed.memory)),
    row('memory of the renderer process', high / 1e6, null, 'MB', `anonymous memory at its highest; ${(before / 1e6).toFixed(0)} MB before`),
    row('fed in', fed.feedSeconds, null, 's', `${((hours * 3600) / fed.feedSeconds).toFixed(0)} times as fast as it is played`),
    row('opened and read in its middle in', fed.openMs, null, 'ms', ''),
  ];
}

export const bench: Bench = {
  name: 'capture',
  about: 'in Chromium: what reaches the journal while the machine is busy, how fast, at what price, and the memory of hours; goals: no frame lost, 20 ms, 150 MB',
  yardstick: 'a ScriptProcessor in the same page, and the goals; none where no Chromium is found',
  async run() {
    const [seconds, hours] = [argument('seconds', 600), argument('hours', 8)];
    const executablePath = findChromium();
    if (!executablePath || process.platform !== 'linux') {
      return [row('lost between worklet and journal', 0, null, 'frames', `not run: ${executablePath ? 'processes are measured as Linux shows them' : 'no Chromium (CHROMIUM_PATH names one)'}`)];
    }
    const folder = mkdtempSync(join(tmpdir(), 'tonetwin-capture-'));
    const [profile, wav] = [join(folder, 'profile'), join(folder, 'microphone.wav')];
    mkdirSync(profile);
    // Longer than all that is recorded of it, so that it never starts anew.
    writeFileSync(wav, codedWav(seconds + 60));
    const lab = await serveRecorderLab(join(folder, 'page'));
    const browser = await launch(executablePath, profile, wav);
    try {
      const { page } = browser;
      await openRecorder(page, lab.address);
      return [...(await busyTake(page, seconds)), ...(await shares(browser)), ...(await busyWays(page)), ...(await hoursOfMemory(browser, hours))];
    } finally {
      await browser.kill();
      lab.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
