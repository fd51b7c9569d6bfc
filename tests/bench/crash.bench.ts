/** `npm run bench -- crash [--kills N] [--seed N] [--json]`: what is lost when the whole browser is killed while it records. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kill, killWhileRecording, type KillSummary, summarize } from '../support/crash.ts';
import { findChromium } from '../support/find-chromium.ts';
import { serveRecorderLab } from '../support/recorder-lab.ts';
import { type Bench, type BenchRow, median } from './bench.ts';

const BOUND_MS = 1000;

function argument(name: string, usual: number): number {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? usual : Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} wants a whole number, 1 or more.`);
  return value;
}

let summary: KillSummary | undefined;

export const bench: Bench = {
  name: 'crash',
  about: 'in Chromium: SIGKILL of the whole browser while it records, reopened and recovered; goal: at most 1 s lost, nothing corrupted',
  yardstick: 'the goal; none where no Chromium is found',
  summary: () => summary,
  async run() {
    const kills = argument('kills', 100);
    const seed = argument('seed', 1);
    const executablePath = findChromium();
    const unmeasured = (note: string): BenchRow[] => [{ what: 'lost at most', ours: 0, yardstick: null, unit: 'ms', ratio: null, note: `not run: ${note}` }];
    if (!executablePath) return unmeasured('no Chromium (CHROMIUM_PATH names one)');
    if (process.platform !== 'linux') return unmeasured('the processes of a browser are found as Linux shows them');
    const folder = mkdtempSync(join(tmpdir(), 'tonetwin-crash-'));
    const lab = await serveRecorderLab(join(folder, 'page'));
    const isQuiet = process.argv.includes('--json');
    const line = ({ afterMs, deliveredMs, lostMs, corrupted, deviceHoles, isRecovered, recoveryMs }: Kill, index: number): void => {
      if (isQuiet) return;
      const cells = [index + 1, Math.round(afterMs), Math.round(deliveredMs), lostMs.toFixed(1), corrupted, deviceHoles, isRecovered ? 'yes' : 'NO', recoveryMs];
      process.stdout.write(`  ${cells.map((cell) => String(cell).padStart(9)).join(' ')}\n`);
    };
    try {
      if (!isQuiet) process.stdout.write(`  ${['kill', 'after ms', 'heard ms', 'lost ms', 'corrupted', 'holes', 'recovered', 'in ms'].map((cell) => cell.padStart(9)).join(' ')}\n`);
      const outcomes = await killWhileRecording({ kills, seed, folder, executablePath, address: lab.address, onKill: line });
      summary = summarize(outcomes);
      const row = (what: string, ours: number, yardstick: number | null, unit: string, note: string): BenchRow => ({
        what, ours, yardstick, unit, ratio: yardstick && ours > 0 ? yardstick / ours : null, note,
      });
      return [
        row('lost at most', summary.maxLostMs, BOUND_MS, 'ms', `of ${kills} kills at random times, seed ${seed}`),
        row('lost, median', median(outcomes.map(({ lostMs }) => lostMs)), BOUND_MS, 'ms', 'against what the microphone had delivered, the time to the kill added'),
        row('corrupted', summary.corrupted, 0, 'frames', 'every sample of every take was compared'),
        row('unrecoverable', summary.unrecoverable, 0, 'takes', ''),
        row('holes of the device', outcomes.reduce((sum, { deviceHoles }) => sum + deviceHoles, 0), null, '', 'heard by a tap on the same input too, or written down as silence'),
        row('found, heard and kept in', median(outcomes.map(({ recoveryMs }) => recoveryMs)), null, 'ms', 'median'),
      ];
    } finally {
      lab.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
