import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { musicLike } from '../support/signals.ts';
import type { Bench, BenchRow } from './bench.ts';
import { ffmpegVersion } from './ffmpeg.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Matchering 2.0.6 (Python) on a three-minute pair, start of the process included: seconds measured once on another machine of
 * this kind, two cores of an AMD EPYC. For where it cannot be run; it refuses recordings over 15 minutes.
 */
const MATCHERING_QUOTED: Readonly<Record<number, number>> = { 44_100: 4.4, 48_000: 12.6 };

/** Arguments: target, reference, result. */
const MATCHERING_PROGRAM = 'import sys, matchering as mg; mg.process(target=sys.argv[1], reference=sys.argv[2], results=[mg.pcm24(sys.argv[3])])';

/** Its version where this machine's Python finds it (PYTHONPATH); else null. */
function matcheringVersion(): string | null {
  const { status, stdout } = spawnSync('python3', ['-c', 'import matchering; print(matchering.__version__)'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** 16-bit stereo; a minute of music repeated, so that making the file costs little. @param drive pressed against full scale, as records are */
function writeWav(path: string, rate: number, minutes: number, seed: number, drive = 1): void {
  const minute = Buffer.alloc(60 * rate * 4);
  const [left, right] = musicLike(60, rate, seed);
  const level = (x: number) => Math.round(Math.tanh(drive * x) * 32_767);
  for (let i = 0; i < left.length; i += 1) {
    minute.writeInt16LE(level(left[i]!), 4 * i);
    minute.writeInt16LE(level(right[i]!), 4 * i + 2);
  }
  const header = Buffer.alloc(44);
  header.write('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0', 0, 'latin1');
  header.writeUInt32LE(36 + minutes * minute.length, 4);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 4, 28);
  header.writeUInt16LE(4, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(minutes * minute.length, 40);
  writeFileSync(path, header);
  for (let k = 0; k < minutes; k += 1) appendFileSync(path, minute);
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

interface Measured {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Seconds from start to end of a process, and the most memory it and its threads held, MB. */
function measured(command: string, args: readonly string[]): Promise<Measured> {
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

const decodedMegabytes = (rate: number, minutes: number): number => (minutes * 60 * rate * 8) / 2 ** 20;

/** Best of this many: what else a machine does only ever adds. */
const ROUNDS = 3;

export const bench: Bench = {
  name: 'match',
  about: 'the whole command from process start to file written; the reference is three minutes and pressed hard, so that every effect works',
  yardstick: 'time: Matchering where Python has it (else 2.0.6 as quoted from another machine), the length of the target, and native ffmpeg in two passes for loudness alone where installed; memory: the target as float32',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'tonetwin-bench-'));
    const at = (name: string) => join(folder, name);
    const rows: BenchRow[] = [];
    const match = async (words: readonly string[] = [], rounds = ROUNDS) => {
      const args = ['wasm/cli/start.mjs', 'match', '--reference', at('reference.wav'), '--target', at('target.wav'), '--out', at('out.wav'), ...words];
      const runs = [];
      for (let round = 0; round < rounds; round += 1) runs.push(await measured(process.execPath, args));
      return { seconds: Math.min(...runs.map(({ seconds }) => seconds)), megabytes: Math.max(...runs.map(({ megabytes }) => megabytes)) };
    };
    const matchering = matcheringVersion();
    const held = new Map<number, { seconds: number; megabytes: number }>();
    try {
      // The program is made from its sources where they changed: not part of any time.
      await measured(process.execPath, ['wasm/cli/start.mjs', '--help']);
      for (const rate of [44_100, 48_000]) {
        writeWav(at('reference.wav'), rate, 3, 1, 4);
        writeWav(at('target.wav'), rate, 3, 2);
        // Turn by turn, so that what else the machine does falls on both.
        const [ours, theirs]: Measured[][] = [[], []];
        for (let round = 0; round < ROUNDS; round += 1) {
          ours!.push(await match([], 1));
          if (matchering) theirs!.push(await measured('python3', ['-c', MATCHERING_PROGRAM, at('target.wav'), at('reference.wav'), at('theirs.wav')]));
        }
        const best = (runs: readonly Measured[]) => Math.min(...runs.map(({ seconds }) => seconds));
        const seconds = best(ours!);
        const megabytes = Math.max(...ours!.map((run) => run.megabytes));
        if (rate === 44_100) held.set(3, { seconds, megabytes });
        const scale = matchering ? best(theirs!) : MATCHERING_QUOTED[rate]!;
        const source = matchering ? `Matchering ${matchering}, ${Math.max(...theirs!.map((run) => run.megabytes)).toFixed(0)} MB` : 'Matchering, quoted';
        const what = `mode B, 3 min at ${rate / 1000} kHz`;
        rows.push({ what: `${what}: time`, ours: seconds, yardstick: scale, unit: 's', ratio: scale / seconds, note: `${source}; ${(180 / seconds).toFixed(0)} x real time; best of ${ROUNDS}` });
        rows.push({ what: `${what}: peak memory`, ours: megabytes, yardstick: decodedMegabytes(rate, 3), unit: 'MB', ratio: decodedMegabytes(rate, 3) / megabytes, note: 'Node and its threads included; most of the rounds' });
      }
      const version = ffmpegVersion();
      if (version) {
        const theirs = await ffmpegTwoPasses(at('target.wav'), at('loud.wav'));
        rows.push({ what: 'loudness alone, 3 min at 48 kHz', ours: (await match()).seconds, yardstick: theirs, unit: 's', ratio: null, note: `${version}: ebur128, then volume and alimiter; ours measures two recordings, estimates and renders` });
      }
      writeWav(at('reference.wav'), 44_100, 3, 2, 4);
      writeWav(at('target.wav'), 44_100, 3, 2);
      const paired = await match(['--mode', 'A'], 1);
      rows.push({ what: 'mode A, 3 min at 44.1 kHz: time', ours: paired.seconds, yardstick: 10, unit: 's', ratio: 10 / paired.seconds, note: 'the goal; refinement included' });
      writeWav(at('reference.wav'), 44_100, 3, 1, 4);
      for (const minutes of [20, 60]) {
        writeWav(at('target.wav'), 44_100, minutes, 2);
        const { seconds, megabytes } = await match([], 1);
        held.set(minutes, { seconds, megabytes });
        rows.push({ what: `mode B, ${minutes} min at 44.1 kHz: time`, ours: seconds, yardstick: minutes * 60, unit: 's', ratio: (minutes * 60) / seconds, note: 'times real time' });
        rows.push({ what: `mode B, ${minutes} min at 44.1 kHz: peak memory`, ours: megabytes, yardstick: decodedMegabytes(44_100, minutes), unit: 'MB', ratio: decodedMegabytes(44_100, minutes) / megabytes });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const [short, middle, long] = [held.get(3)!, held.get(20)!, held.get(60)!];
    const perMinute = (long.seconds - middle.seconds) / 40;
    rows.push({ what: 'time of a further minute, 20 to 60 min', ours: perMinute, yardstick: (middle.seconds - short.seconds) / 17, unit: 's', ratio: (middle.seconds - short.seconds) / 17 / perMinute, note: 'against 3 to 20 min; 1: linear' });
    rows.push({ what: 'peak memory, 60 min over 3 min', ours: long.megabytes / short.megabytes, yardstick: 20, unit: 'x', ratio: 20 / (long.megabytes / short.megabytes), note: '1 x: does not grow with the length' });
    return rows;
  },
};
