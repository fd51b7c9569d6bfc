import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from '@playwright/test';
import { button, musicFile } from '../browser/takes.ts';
import { findChromium } from '../support/find-chromium.ts';
import { servePage } from '../support/serve-page.ts';
import { type Bench, type BenchRow, median } from './bench.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MINUTES = 4;
const ROUNDS = 3;
/** Long enough for the rendered result to take over from the preview; the music itself rests after seven. */
const LISTEN_SECONDS = 6;

/** Moments on the page's own clock, ms; and the longest silence once something was heard, frames. */
interface Heard {
  readonly dropped: number;
  readonly clicked: number;
  readonly playable: number;
  readonly audible: number;
  readonly gapFrames: number;
}

/** What the audio thread notes: the first sound, and every silence after it. */
const TAP = `registerProcessor('tap', class extends AudioWorkletProcessor {
  silence = 0;
  sounded = false;
  process([input]) {
    const isSilent = !input[0] || input[0].every((x) => x === 0);
    this.silence = isSilent ? this.silence + 128 : 0;
    if (!isSilent && !this.sounded) this.port.postMessage('sound');
    else if (this.sounded && isSilent) this.port.postMessage(this.silence);
    this.sounded ||= !isSilent;
    return true;
  }
})`;

/** Runs in the page before anything else: notes when files arrive and when sound leaves. */
const LISTEN = `
globalThis.heard = { gapFrames: 0 };
addEventListener('change', () => (heard.dropped ??= performance.now()), true);
globalThis.AudioContext = class extends AudioContext {
  #tap;
  constructor(options) {
    super(options);
    this.#tap = new GainNode(this);
    this.#tap.connect(super.destination);
    this.audioWorklet.addModule(URL.createObjectURL(new Blob([${JSON.stringify(TAP)}], { type: 'text/javascript' }))).then(() => {
      const node = new AudioWorkletNode(this, 'tap');
      node.port.onmessage = ({ data }) => {
        if (data === 'sound') heard.audible ??= performance.now();
        else heard.gapFrames = Math.max(heard.gapFrames, data);
      };
      this.#tap.connect(node);
    });
  }
  get destination() {
    return this.#tap;
  }
};`;

/** Presses a button the moment it can be pressed: from outside the page it is looked for twice a second only. */
const press = (name: 'Match' | 'Play', moment: 'clicked' | 'playable') => `new Promise((pressed) => {
  const look = () => {
    const found = [...document.querySelectorAll('button')].find((button) => (button.ariaLabel ?? button.textContent).trim() === '${name}' && !button.disabled);
    if (!found) return requestAnimationFrame(look);
    heard.${moment} = performance.now();
    found.click();
    pressed();
  };
  look();
})`;

/** As a person does it, without hesitation: both files, Match, Play. */
async function run(page: Page, reference: string, target: string): Promise<Heard> {
  await page.getByLabel('Reference', { exact: true }).setInputFiles(reference);
  await page.getByLabel('Target', { exact: true }).setInputFiles(target);
  await page.evaluate(press('Match', 'clicked'));
  await page.evaluate(press('Play', 'playable'));
  await page.waitForFunction('heard.audible !== undefined');
  await page.waitForTimeout(1000 * LISTEN_SECONDS);
  return (await page.evaluate('heard')) as Heard;
}

export const bench: Bench = {
  name: 'preview',
  about: `in Chromium: from dropping two ${MINUTES}-minute stereo WAV files (44.1 kHz) to the first sound of the match; goal: 3 s on 2 cores`,
  yardstick: 'the goal, 3 s; none where no Chromium is found',
  async run() {
    const executablePath = findChromium();
    if (!executablePath) return [{ what: 'drop to audible', ours: 0, yardstick: null, unit: 's', ratio: null, note: 'not run: no Chromium (CHROMIUM_PATH names one)' }];
    if (spawnSync(process.execPath, ['server/build.mjs'], { cwd: ROOT, stdio: 'ignore' }).status !== 0) throw new Error('The page could not be built: see npm run build.');
    const folder = mkdtempSync(join(tmpdir(), 'tonetwin-preview-'));
    const [reference, target] = [join(folder, 'record.wav'), join(folder, 'take.wav')];
    writeFileSync(reference, musicFile('record.wav', 60 * MINUTES, 5).buffer);
    writeFileSync(target, musicFile('take.wav', 60 * MINUTES, 6, 0.4).buffer);
    const served = await servePage();
    const atRest: Heard[] = [];
    const atOnce: Heard[] = [];
    try {
      for (let round = 0; round < 2 * ROUNDS; round += 1) {
        const isAtRest = round % 2 === 0;
        // A profile of its own each time: nothing is found measured or decoded. On disk, as people have it: a private window keeps
        // its files in another process, which takes longer.
        const context = await chromium.launchPersistentContext(mkdtempSync(join(folder, 'profile-')), {
          executablePath,
          bypassCSP: true,
          locale: 'en-US',
          args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--autoplay-policy=no-user-gesture-required', '--disable-background-networking'],
        });
        await context.addInitScript({ content: LISTEN });
        const page = await context.newPage();
        await page.goto(served.url);
        await button(page, 'Match').waitFor();
        // At rest, as after the seconds in which files are chosen: what the page keeps for working offline has come.
        if (isAtRest) await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
        (isAtRest ? atRest : atOnce).push(await run(page, reference, target));
        await context.close();
      }
    } finally {
      served.stop();
      rmSync(folder, { recursive: true, force: true });
    }
    const seconds = (from: 'dropped' | 'clicked' | 'playable', to: 'clicked' | 'playable' | 'audible') => median(atRest.map((heard) => (heard[to] - heard[from]) / 1000));
    const whole = seconds('dropped', 'audible');
    const early = median(atOnce.map(({ dropped, audible }) => (audible - dropped) / 1000));
    const row = (what: string, ours: number, note: string): BenchRow => ({ what, ours, yardstick: null, unit: 's', ratio: null, note });
    return [
      { what: 'drop to audible', ours: whole, yardstick: 3, unit: 's', ratio: 3 / whole, note: `median of ${ROUNDS} fresh profiles` },
      { what: 'drop to audible, at once', ours: early, yardstick: 3, unit: 's', ratio: 3 / early, note: 'on a first visit, while the page is still being kept for working offline' },
      row('drop to Match', seconds('dropped', 'clicked'), 'both files kept and read'),
      row('Match to playable', seconds('clicked', 'playable'), 'measured, estimated, and something to play'),
      row('Play to audible', seconds('playable', 'audible'), 'engine and first piece on the audio thread'),
      { what: 'longest silence while playing', ours: Math.max(...[...atRest, ...atOnce].map(({ gapFrames }) => gapFrames)), yardstick: 0, unit: 'frames', ratio: null, note: `${LISTEN_SECONDS} s each` },
    ];
  },
};
