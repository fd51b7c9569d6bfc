/** Native ffmpeg as a yardstick: what a program that is not held to a browser's sandbox needs for the same work. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** "ffmpeg 5.1.9-0+deb12u1", or null where none is installed. */
export function ffmpegVersion(): string | null {
  const { status, stdout } = spawnSync('ffmpeg', ['-version'], { encoding: 'utf8' });
  return status === 0 ? `ffmpeg ${/version (\S+)/.exec(stdout)?.[1] ?? ''}` : null;
}

/** Long against the start, which is taken off, and against the clock's thousandths. */
const SECONDS = 60;
const ROUNDS = 7;

/**
 * Time that filters take on one thread, reading and starting taken off.
 *
 * Elapsed time, as ours is: ffmpeg's own count of processor time is up to twice that where a second core is free, and
 * equal to it where there is none, for the same work in the same time. The best of several rounds, where ours are
 * medians: what else a machine does only ever adds.
 * @param filters each a graph from one input to one output
 * @returns ms per second of audio, one per graph
 * @throws Error with ffmpeg's words
 */
export function ffmpegMsPerSecond(filters: readonly string[], channels: readonly [Float32Array, Float32Array], sampleRate: number): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'tonetwin-bench-'));
  try {
    const frames = SECONDS * sampleRate;
    const samples = new Float32Array(2 * frames);
    channels.forEach((row, c) => {
      for (let i = 0; i < frames; i += 1) samples[2 * i + c] = row[i % row.length]!;
    });
    const file = join(folder, 'in.f32');
    writeFileSync(file, new Uint8Array(samples.buffer));
    const once = (filter: string): number => {
      const input = ['-f', 'f32le', '-ar', String(sampleRate), '-ac', '2', '-i', file];
      const threads = ['-filter_threads', '1', '-filter_complex_threads', '1'];
      const { status, stderr } = spawnSync('ffmpeg', ['-hide_banner', '-nostdin', '-benchmark', ...threads, ...input, '-filter_complex', filter, '-f', 'null', '-'], { encoding: 'utf8' });
      const elapsed = /rtime=([\d.]+)s/.exec(stderr)?.[1];
      if (status !== 0 || elapsed === undefined) throw new Error(stderr);
      return 1000 * Number(elapsed);
    };
    const all = ['anull', ...filters];
    const rounds = Array.from({ length: ROUNDS }, () => all.map(once));
    const [nothing, ...times] = all.map((_, k) => Math.min(...rounds.map((round) => round[k]!)));
    return times.map((time) => (time - nothing!) / SECONDS);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
