/** PostgreSQL in a folder, inside this program: nothing to install. One conversation at a time, which `postgres` is told. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../shared/errors.ts';
import { lockFolder } from './folder-lock.ts';
import { createFraming } from './message-framing.ts';
import type { ThreadNews, ThreadOrder, ThreadRequest } from './postgres-thread.ts';

export interface EmbeddedPostgres {
  /** A connection as `postgres` wants it; the one before it has to be closed. */
  socket(): Duplex;
  /** What was committed is on the disk. Answers how often files were forced there. */
  close(): Promise<number>;
}

/** A checkpoint of a large database takes seconds. */
const CLOSE_MS = 30_000;

/** Within the locked folder: the database, and one that is still being made. */
const CLUSTER = 'cluster';
const MAKING = 'making';

/**
 * Opens the database in a folder; an empty one is made, which takes some seconds once. A program that is killed meanwhile
 * leaves nothing that looks like a database.
 * @throws AppError 'server/data-in-use' while another program has it, 'server/database' when it does not start
 */
export async function openEmbeddedPostgres(folder: string): Promise<EmbeddedPostgres> {
  const unlock = lockFolder(folder);
  const cluster = join(folder, CLUSTER);
  try {
    if (!existsSync(cluster)) await make(folder, cluster);
    const opened = await start(cluster);
    return { socket: opened.socket, close: () => opened.close().finally(unlock) };
  } catch (thrown) {
    unlock();
    throw thrown;
  }
}

async function make(folder: string, cluster: string): Promise<void> {
  const making = join(folder, MAKING);
  rmSync(making, { recursive: true, force: true });
  await (await start(making)).close();
  renameSync(making, cluster);
  // The name itself has to be on the disk too.
  const entry = openSync(folder, 'r');
  fsyncSync(entry);
  closeSync(entry);
}

async function start(folder: string): Promise<EmbeddedPostgres> {
  const thread = new Worker(new URL('./thread-start.mjs', import.meta.url), { workerData: { folder } satisfies ThreadOrder, execArgv: [] });
  let connection: Duplex | null = null;
  let failure: AppError | null = null;
  const closed = new Promise<number>((resolve, reject) => {
    thread.on('message', (news: ThreadNews) => news.type === 'closed' && resolve(news.syncs));
    thread.on('exit', () => reject(failure ?? new AppError('server/database', { detail: 'it stopped' })));
  });
  closed.catch(() => undefined);
  const fail = (detail: string): void => {
    failure = new AppError('server/database', { detail });
    connection?.destroy(failure);
  };
  thread.on('error', (thrown) => fail(thrown.message));
  thread.on('exit', () => fail('it stopped'));
  await new Promise<void>((resolve, reject) => {
    thread.on('message', (news: ThreadNews) => {
      if (news.type === 'ready') resolve();
      else if (news.type === 'failed') {
        fail(news.message);
        reject(failure!);
      } else if (news.type === 'bytes') connection?.push(news.bytes);
    });
    thread.once('exit', () => reject(failure!));
  }).catch(async (thrown: unknown) => {
    await thread.terminate();
    throw thrown;
  });

  return {
    socket() {
      if (failure) throw failure;
      const framing = createFraming();
      const made = new Duplex({
        read: () => undefined,
        write(chunk: Uint8Array, _encoding, done) {
          const whole = framing(chunk);
          if (whole) thread.postMessage({ type: 'bytes', bytes: whole } satisfies ThreadRequest);
          done(failure);
        },
        final(done) {
          this.push(null);
          done();
        },
      });
      connection = made;
      // `postgres` looks at it as at a socket of `node:net`.
      return Object.assign(made, { readyState: 'open' });
    },
    async close() {
      thread.postMessage({ type: 'close' } satisfies ThreadRequest);
      const timer = setTimeout(() => void thread.terminate(), CLOSE_MS);
      try {
        return await closed;
      } finally {
        clearTimeout(timer);
        await thread.terminate();
      }
    },
  };
}
