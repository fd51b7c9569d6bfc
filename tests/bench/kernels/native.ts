/** ffmpeg and its libraries as native yardsticks for work on files. */
import { spawnSync } from 'node:child_process';

const ROUNDS = 5;

/** ffmpeg's own elapsed time for one command line, ms: the best of some, the start of a run with nothing to do taken off. */
export function ffmpegMs(words: readonly string[], idle: readonly string[]): number {
  const once = (args: readonly string[]): number => {
    const { status, stderr } = spawnSync('ffmpeg', ['-hide_banner', '-nostdin', '-y', '-benchmark', ...args], { encoding: 'utf8' });
    const elapsed = /rtime=([\d.]+)s/.exec(stderr)?.[1];
    if (status !== 0 || elapsed === undefined) throw new Error(stderr);
    return 1000 * Number(elapsed);
  };
  const rounds = Array.from({ length: ROUNDS }, () => [once(words), once(idle)] as const);
  return Math.min(...rounds.map(([time]) => time)) - Math.min(...rounds.map(([, time]) => time));
}

export const hasFilter = (name: string): boolean => new RegExp(` ${name} `).test(spawnSync('ffmpeg', ['-hide_banner', '-filters'], { encoding: 'utf8' }).stdout ?? '');
