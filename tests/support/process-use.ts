/** What a process and everything below it use, as Linux shows it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Clock ticks a second of /proc: 100 on every Linux that Node runs on (sysconf(_SC_CLK_TCK)). */
const TICKS = 100;

/** Of `/proc/PID/stat`, from the state on: the name before it may hold anything. */
function statusOf(pid: number | string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    // Gone meanwhile.
    return undefined;
  }
}

/** Everything below a process, itself first. */
export function treeOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const status = /^\d+$/.test(name) ? statusOf(name) : undefined;
    if (status) parents.set(Number(name), Number(status[1]));
  }
  const tree = [pid];
  for (const one of tree) for (const [child, parent] of parents) if (parent === one) tree.push(child);
  return tree;
}

/** False for one that is dead, buried or not. */
export const isRunning = (pid: number): boolean => !['Z', 'X', undefined].includes(statusOf(pid)?.[0]);

/** Processor time that the processes have used so far, s. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const status = statusOf(pid);
    return sum + (status ? (Number(status[11]) + Number(status[12])) / TICKS : 0);
  }, 0);
}

/** Memory that is a process's own and lies in no file, bytes. */
export function anonymousBytes(pid: number): number {
  try {
    return 1024 * Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** The most memory that a process has had at once since it began, or since `forgetPeak`, bytes. */
export const peakBytes = (pid: number): number => 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

/** Source: proc(5), /proc/pid/clear_refs. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');
