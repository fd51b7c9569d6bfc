/**
 * Kills a whole browser while it records, again and again, and counts what the product finds at its next start.
 *
 * The microphone plays a signal in which every sample says which frame it is. A tap on the same input, apart from the recorder, says
 * some thirty times a second over the debugging connection which frame was delivered last, and when. At the kill the time since then is
 * added, so what counts as lost is at least what was.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import { fakeMicrophoneArguments } from './fake-microphone.ts';
import { codedWav } from './frame-code.ts';
import { treeOf } from './process-use.ts';
import type { Recovered, RecorderWindow, TapNews } from './recorder-page.ts';
import { randomNumbers } from './signals.ts';

/** Chromium's fake microphone. */
const RATE = 44_100;
/** The signal starts anew with every browser; a take with its beginning and end is shorter. */
const SIGNAL_SECONDS = 60;
const LONGEST_TAKE_MS = 5000;
/** A start, a recovery and a take take some six seconds. */
const STEP_MS = 60_000;
const STARTS = 3;
/** A take of which less was safe may as well not have been begun. */
const WORTH_MS = 1000;

export interface Kill {
  /** Between the first sound and the kill. */
  readonly afterMs: number;
  readonly deliveredMs: number;
  readonly lostMs: number;
  /** Samples that are not what was played, and frames that are missing or doubled within what was found. */
  readonly corrupted: number;
  /** Breaks that the tap heard too, or silence that is written down as such. */
  readonly deviceHoles: number;
  readonly isRecovered: boolean;
  /** From the page's first line to the take heard through and kept. */
  readonly recoveryMs: number;
}

const browserArguments = (profile: string, wav: string): string[] => [
  '--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ...fakeMicrophoneArguments(wav), '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--mute-audio',
  'about:blank',
];

export interface RunningBrowser {
  /** Of the process above all others of it. */
  readonly pid: number;
  readonly browser: Browser;
  readonly page: Page;
  /** The whole browser, at once, without a word. @returns Unix ms at which the last of its processes had been told */
  kill(): Promise<number>;
}

/** @param executablePath of a Chromium; its window-less self is enough */
export async function launch(executablePath: string, profile: string, wav: string): Promise<RunningBrowser> {
  const portFile = join(profile, 'DevToolsActivePort');
  rmSync(portFile, { force: true });
  const child: ChildProcess = spawn(executablePath, browserArguments(profile, wav), { stdio: 'ignore', detached: true });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let tries = 0; !existsSync(portFile) || readFileSync(portFile, 'utf8').split('\n').length < 2; tries += 1) {
    if (tries > 300) throw new Error('Chromium did not start.');
    await new Promise((done) => setTimeout(done, 50));
  }
  const [port] = readFileSync(portFile, 'utf8').split('\n');
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const page = browser.contexts()[0]!.pages()[0] ?? (await browser.contexts()[0]!.newPage());
  return {
    browser, page,
    pid: child.pid!,
    async kill() {
      for (const pid of treeOf(child.pid!)) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // Went with its parent.
        }
      }
      const killMs = Date.now();
      await ended;
      await browser.close().catch(() => undefined);
      return killMs;
    },
  };
}

/** The page polls itself: its policy forbids what Playwright's own waiting does. */
export async function openRecorder(page: Page, address: string): Promise<void> {
  await page.goto(address);
  for (let tries = 0; !(await page.evaluate(() => 'recorder' in globalThis)); tries += 1) {
    if (tries > 600) throw new Error('The recorder did not start.');
    await new Promise((done) => setTimeout(done, 50));
  }
}

function judge(take: Recovered | undefined, tapped: TapNews, killMs: number, afterMs: number, recoveryMs: number): Kill {
  const deliveredLast = tapped.last + ((killMs - tapped.atMs) * RATE) / 1000;
  if (!take) {
    // Nothing of it was found: all of it is lost.
    const deliveredMs = ((deliveredLast - tapped.first) / RATE) * 1000;
    return { afterMs, deliveredMs, lostMs: deliveredMs, corrupted: 0, deviceHoles: 0, isRecovered: deliveredMs < WORTH_MS, recoveryMs };
  }
  const { reading } = take;
  const [segment] = take.take.segments;
  const isWritten = (at: number, zeros: number): boolean => segment!.gaps.some(({ frame, frames }) => frame <= at && frame + frames >= at + zeros);
  const isDevice = ({ at, zeros, missing }: (typeof reading.breaks)[number]): boolean =>
    (missing === 0 && isWritten(at, zeros)) || tapped.breaks.some((heard) => heard.missing === missing && heard.zeros === zeros);
  const unexplained = reading.breaks.filter((one) => !isDevice(one));
  return {
    afterMs,
    deliveredMs: ((deliveredLast - reading.first) / RATE) * 1000,
    lostMs: Math.max(0, ((deliveredLast - reading.last) / RATE) * 1000),
    corrupted: reading.wrong + unexplained.reduce((sum, { missing, zeros }) => sum + Math.abs(missing) + zeros, 0),
    deviceHoles: reading.breaks.length - unexplained.length,
    isRecovered: true,
    recoveryMs,
  };
}

/**
 * The debugging connection to a browser that was just started sometimes never answers (about once in a hundred starts, with the page
 * itself sound): the browser is killed then and started again. What a take left on the device stays as it is meanwhile.
 */
async function withDeadline<T>(step: (signal: AbortSignal) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), STEP_MS)));
    const done = step(controller.signal);
    done.catch(() => undefined);
    const outcome = await Promise.race([done.then((value) => ({ value })), late]);
    clearTimeout(timer);
    if (outcome !== 'late') return outcome.value;
    controller.abort();
    if (tries === STARTS) throw new Error(`The browser did not answer within ${STEP_MS / 1000} s, ${STARTS} times in a row.`);
  }
}

export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  /** Empty; profile and signal go there. */
  readonly folder: string;
  readonly executablePath: string;
  readonly address: string;
  readonly onKill?: (kill: Kill, index: number) => void;
}

/** One profile for all: each start recovers what the kill before it left, through the product's own path, and records again. */
export async function killWhileRecording({ kills, seed, folder, executablePath, address, onKill }: KillOptions): Promise<Kill[]> {
  const wav = join(folder, 'microphone.wav');
  const profile = join(folder, 'profile');
  mkdirSync(profile, { recursive: true });
  writeFileSync(wav, codedWav(SIGNAL_SECONDS, RATE));
  const random = randomNumbers(seed);
  const outcomes: Kill[] = [];
  let left: { readonly id: string; readonly tapped: TapNews; readonly killMs: number; readonly afterMs: number } | null = null;
  for (let index = 0; index <= kills; index += 1) {
    left = await withDeadline(async (signal) => {
      const { page, kill } = await launch(executablePath, profile, wav);
      signal.addEventListener('abort', () => void kill());
      try {
        let tapped: TapNews | null = null;
        await page.exposeBinding('delivered', (_, news: TapNews) => {
          tapped = news;
        });
        await openRecorder(page, address);
        if (left) {
          const startMs = Date.now();
          const found = await page.evaluate(() => (globalThis as RecorderWindow).recorder!.recover());
          const { id, tapped: heard, killMs, afterMs } = left;
          const outcome = judge(found.find(({ take }) => take.id === id), heard, killMs, afterMs, Date.now() - startMs);
          await page.evaluate(() => (globalThis as RecorderWindow).recorder!.discardAll());
          left = null;
          outcomes.push(outcome);
          onKill?.(outcome, index - 1);
        }
        if (index === kills) return null;
        const id = await page.evaluate(() => (globalThis as RecorderWindow).recorder!.start());
        const news = (): TapNews | null => tapped;
        for (let tries = 0; (news()?.first ?? -1) < 0; tries += 1) {
          if (tries > 500) throw new Error('Nothing was heard from the microphone.');
          await new Promise((done) => setTimeout(done, 20));
        }
        const afterMs = random() * LONGEST_TAKE_MS;
        await new Promise((done) => setTimeout(done, afterMs));
        const killMs = await kill();
        return { id, tapped: news()!, killMs, afterMs };
      } finally {
        await kill();
      }
    });
  }
  return outcomes;
}

export interface KillSummary {
  readonly kills: number;
  readonly maxLostMs: number;
  readonly corrupted: number;
  readonly unrecoverable: number;
}

export const summarize = (outcomes: readonly Kill[]): KillSummary => ({
  kills: outcomes.length,
  maxLostMs: Math.round(Math.max(0, ...outcomes.map(({ lostMs }) => lostMs))),
  corrupted: outcomes.reduce((sum, { corrupted }) => sum + corrupted, 0),
  unrecoverable: outcomes.filter(({ isRecovered }) => !isRecovered).length,
});
