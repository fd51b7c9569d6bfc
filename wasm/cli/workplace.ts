/** Engine, threads and temporary files of one run, made on first use and put away at the end. */
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fillSentence, toAppError } from '../../shared/errors.ts';
import { type Notice, NOTICES } from '../../shared/pcm.ts';
import { compileIfStale, ENGINE_PATH } from '../build/compile.ts';
import { compileEngine, type EngineBinary } from '../host/engine.ts';
import type { Workplace } from './command.ts';
import { removeFolder, temporaryFolder } from './node-files.ts';
import { createProgress } from './progress.ts';
import { placeRecording } from './recordings.ts';
import { startThreads, type Threads, unpackOn } from './threads.ts';

export interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** A notice as a sentence. */
export const noticeSentence = ({ code, args }: Notice): string => fillSentence(NOTICES[code], args);

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
};

export function openWorkplace(streams: Streams, signal: AbortSignal): Workplace & { close(): Promise<void> } {
  const progress = createProgress(streams.stderr, () => performance.now());
  const warn = (sentence: string): void => {
    progress.clear();
    streams.stderr.write(`${sentence}\n`);
  };
  let threads: Promise<Threads> | null = null;
  let temporary: string | null = null;
  const folder = once(async () => (temporary = await temporaryFolder()));
  const engine = once(async (): Promise<EngineBinary> => {
    if (!existsSync(ENGINE_PATH)) warn('Building the engine (once).');
    try {
      return await compileEngine(new Uint8Array(readFileSync(await compileIfStale())));
    } catch (thrown) {
      throw toAppError(thrown);
    }
  });
  const spoolInput = once(async () => {
    const path = join(await folder(), 'standard-input');
    await pipeline(streams.stdin, createWriteStream(path), { signal });
    return path;
  });
  const threadsAsked = () => (threads ??= engine().then((binary) => startThreads(binary)));
  return {
    progress,
    warn,
    signal,
    engine,
    folder,
    threads: threadsAsked,
    async recording(name) {
      const path = name === '-' ? await spoolInput() : name;
      const place = await placeRecording(path, name === '-' ? 'standard input' : name, await folder(), unpackOn(threadsAsked));
      for (const notice of place.notices) warn(`${place.name}: ${noticeSentence(notice)}`);
      return place;
    },
    print: (bytes) => new Promise((resolve, reject) => streams.stdout.write(bytes, (error) => (error ? reject(error) : resolve()))),
    async close() {
      progress.clear();
      // Those that are still coming up are waited for: they would keep the program from ending.
      await threads?.then((started) => started.close(), () => undefined);
      if (temporary) await removeFolder(temporary);
    },
  };
}
