/** The programs of a load bench, each in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BareAnswer } from './bare-server.ts';
import type { Footprint, Order } from './messages.ts';

/** Flags of Node for a program whose memory is asked for. */
export const PROBE = '--expose-gc';
export const PROBED = [PROBE, '--import', 'tsx', '--import', new URL('./probe.ts', import.meta.url).href] as const;

export async function footprintOf(child: ChildProcess): Promise<Footprint> {
  const answer = once(child, 'message');
  child.send('footprint');
  return (await answer)[0] as Footprint;
}

async function begun(name: string, flags: readonly string[]): Promise<{ readonly child: ChildProcess; readonly said: unknown }> {
  const child = fork(fileURLToPath(new URL(name, import.meta.url)), { execArgv: [...flags], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [said] = (await once(child, 'message')) as [unknown];
  return { child, said };
}

export interface LoadClient {
  run<T>(order: Order): Promise<T>;
  stop(): void;
}

export async function startLoadClient(): Promise<LoadClient> {
  const { child } = await begun('./client.ts', ['--import', 'tsx']);
  return {
    async run<T>(order: Order) {
      const answer = once(child, 'message');
      child.send(order);
      const [said] = (await answer) as [{ readonly done?: T; readonly failed?: string }];
      if (said.failed !== undefined) throw new Error(`The client failed: ${said.failed}`);
      return said.done as T;
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

export interface BareServer {
  readonly port: number;
  readonly pid: number;
  /** From now on it answers so. @param key  method and path */
  answer(key: string, answer: BareAnswer): Promise<void>;
  footprint(): Promise<Footprint>;
  stop(): void;
}

export async function startBareServer(): Promise<BareServer> {
  const { child, said } = await begun('./bare-server.ts', PROBED);
  return {
    port: (said as { port: number }).port, pid: child.pid!,
    async answer(key, answer) {
      const known = once(child, 'message');
      child.send({ key, answer });
      await known;
    },
    footprint: () => footprintOf(child),
    stop: () => void child.kill('SIGKILL'),
  };
}
