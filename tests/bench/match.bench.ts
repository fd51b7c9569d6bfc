import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { musicLike } from '../support/signals.ts';
import type { Bench, BenchRow } from './bench.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RATE = 44_100;

/** 16-bit stereo; a minute of music repeated, so that making the file costs little. */
function writeWav(path: string, minutes: number, seed: number): void {
  const minute = Buffer.alloc(60 * RATE * 4);
  const [left, right] = musicLike(60, RATE, seed);
  for (let i = 0; i < left.length; i += 1) {
    minute.writeInt16LE(Math.round(Math.max(-1, Math.min(1, left[i]!)) * 32_767), 4 * i);
    minute.writeInt16LE(Math.round(Math.max(-1, Math.min(1, right[i]!)) * 32_767), 4 * i + 2);
  }
  const header = Buffer.alloc(44);
  header.write('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0', 0, 'latin1');
  header.writeUInt32LE(36 + minutes * minute.length, 4);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE * 4, 28);
  header.writeUInt16LE(4, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(minutes * minute.length, 40);
  writeFileSync(path, Buffer.concat([header, ...Array.from({ length: minutes }, () => minute)]));
}

/** Seconds from start to end of a process, and the most memory it and its threads held, MB. */
function measured(command: string, args: readonly string[]): Promise<{ seconds: number; megabytes: number }> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { cwd: ROOT, stdio: 'ignore' });
    let peak = 0;
    const watch = setInterval(() => {
      const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' });
      peak = Math.max(peak, Number(stdout.trim()) / 1024);
    }, 100);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(watch);
      if (code === 0) resolve({ seconds: (performance.now() - start) / 1000, megabytes: peak });
      else reject(new Error(`${command} ended with ${code}`));
    });
  });
}

export const bench: Bench = {
  name: 'match',
  about: 'the whole command from process start to file written, mode B, stereo at 44.1 kHz',
  yardstick: 'memory: the target as float32; time: the length of the target',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'tonetwin-bench-'));
    const at = (name: string) => join(folder, name);
    const rows: BenchRow[] = [];
    try {
      writeWav(at('reference.wav'), 3, 1);
      for (const minutes of [3, 20]) {
        writeWav(at('target.wav'), minutes, 2);
        const args = ['--import', 'tsx', 'wasm/cli.ts', 'match', '--reference', at('reference.wav'), '--target', at('target.wav'), '--out', at('out.wav')];
        const { seconds, megabytes } = await measured(process.execPath, args);
        const decoded = (minutes * 60 * RATE * 8) / 2 ** 20;
        rows.push(
          { what: `${minutes} min: time`, ours: seconds, yardstick: minutes * 60, unit: 's', ratio: (minutes * 60) / seconds, note: 'times real time, start of the process included' },
          { what: `${minutes} min: peak memory`, ours: megabytes, yardstick: decoded, unit: 'MB', ratio: decoded / megabytes, note: 'two worker threads; does not grow with the length' },
        );
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return rows;
  },
};
