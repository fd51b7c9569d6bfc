import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { musicLike } from '../support/signals.ts';
import type { Bench, BenchRow } from './bench.ts';
import { ffmpegVersion } from './ffmpeg.ts';

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

/** MB. Linux keeps the highest mark itself; elsewhere it is what was held at the moment of asking. */
function residentMegabytes(pid: number): number {
  if (process.platform === 'linux') {
    try {
      return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
    } catch {
      return 0;
    }
  }
  return Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim()) / 1024;
}

/** Seconds from start to end of a process, and the most memory it and its threads held, MB. */
function measured(command: string, args: readonly string[]): Promise<{ seconds: number; megabytes: number }> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { cwd: ROOT, stdio: 'ignore' });
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, residentMegabytes(child.pid!));
    }, 50);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(watch);
      if (code === 0) resolve({ seconds: (performance.now() - start) / 1000, megabytes: peak });
      else reject(new Error(`${command} ended with ${code}`));
    });
  });
}

/** Measures loudness and true peak, then applies a gain and a limiter: loudness alone, the way a script would. */
async function ffmpegTwoPasses(from: string, to: string): Promise<number> {
  const pass = (...words: string[]) => measured('ffmpeg', ['-hide_banner', '-nostdin', '-y', '-i', from, ...words]);
  const first = await pass('-af', 'ebur128=peak=true', '-f', 'null', '-');
  const second = await pass('-af', 'volume=6dB,alimiter=limit=0.891:level=0', to);
  return first.seconds + second.seconds;
}

const decodedMegabytes = (minutes: number): number => (minutes * 60 * RATE * 8) / 2 ** 20;

export const bench: Bench = {
  name: 'match',
  about: 'the whole command from process start to file written, mode B, stereo at 44.1 kHz',
  yardstick: 'time: the length of the target, and native ffmpeg in two passes for loudness alone where installed; memory: the target as float32',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'tonetwin-bench-'));
    const at = (name: string) => join(folder, name);
    const rows: BenchRow[] = [];
    const held: number[] = [];
    const lengths = [3, 20] as const;
    try {
      writeWav(at('reference.wav'), 3, 1);
      for (const minutes of lengths) {
        writeWav(at('target.wav'), minutes, 2);
        const args = ['wasm/cli/start.mjs', 'match', '--reference', at('reference.wav'), '--target', at('target.wav'), '--out', at('out.wav')];
        const { seconds, megabytes } = await measured(process.execPath, args);
        held.push(megabytes);
        rows.push({ what: `${minutes} min: time`, ours: seconds, yardstick: minutes * 60, unit: 's', ratio: (minutes * 60) / seconds, note: 'times real time, start of the process included' });
        const version = minutes === lengths[0] ? ffmpegVersion() : null;
        if (version) {
          const theirs = await ffmpegTwoPasses(at('target.wav'), at('loud.wav'));
          rows.push({ what: `${minutes} min: time against ffmpeg`, ours: seconds, yardstick: theirs, unit: 's', ratio: theirs / seconds, note: `${version}: ebur128, then volume and alimiter; ours measures two recordings, estimates and renders` });
        }
        const decoded = decodedMegabytes(minutes);
        rows.push({ what: `${minutes} min: peak memory`, ours: megabytes, yardstick: decoded, unit: 'MB', ratio: decoded / megabytes, note: 'Node, compiler of the sources and worker threads included' });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const [short, long] = lengths.map(decodedMegabytes) as [number, number];
    const grown = held[1]! / held[0]!;
    rows.push({ what: 'peak memory, 20 min over 3 min', ours: grown, yardstick: long / short, unit: 'x', ratio: long / short / grown, note: '1 x: does not grow with the length' });
    return rows;
  },
};
