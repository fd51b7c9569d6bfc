import { afterEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { createWorkerClient, serve, transferring, type WorkerMethods, type WorkerTask } from '../../../web/workers/rpc.ts';

const ports: MessagePort[] = [];
afterEach(() => ports.splice(0).forEach((port) => port.close()));

/** A worker in this very thread: the same messages, without a browser. */
function workerWith(methods: WorkerMethods) {
  const started: EventTarget[] = [];
  const spawn = (): Worker => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    serve(methods, port2);
    port2.start();
    port1.start();
    const worker = Object.assign(port1, { terminate: () => port1.close() }) as unknown as Worker;
    started.push(worker);
    return worker;
  };
  return { spawn, started };
}

const methods = {
  double: async (value: number) => value * 2,
  fail: async () => {
    throw new AppError('audio/sample-rate', { hz: 4000 });
  },
  crash: async () => {
    throw new TypeError('nothing there');
  },
  steps: async (count: number, { onProgress }: WorkerTask) => {
    for (let i = 1; i <= count; i += 1) {
      onProgress(i / count, { index: i, count });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return count;
  },
  untilAborted: (_: null, { signal }: WorkerTask) =>
    new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
  deaf: () => new Promise<never>(() => undefined),
  buffer: async (length: number) => {
    const samples = new Float32Array(length);
    return transferring({ samples }, [samples.buffer]);
  },
};

describe('a call', () => {
  test('answers its value', async () => {
    const client = createWorkerClient<typeof methods>(workerWith(methods).spawn);
    expect(await client.call('double', 21)).toBe(42);
  });

  test('tells its progress', async () => {
    const client = createWorkerClient<typeof methods>(workerWith(methods).spawn);
    const seen: unknown[] = [];
    await client.call('steps', 2, { onProgress: (fraction, segment) => seen.push([fraction, segment]) });
    expect(seen).toEqual([[0.5, { index: 1, count: 2 }], [1, { index: 2, count: 2 }]]);
  });

  test('moves the buffers of its answer', async () => {
    const client = createWorkerClient<typeof methods>(workerWith(methods).spawn);
    expect((await client.call('buffer', 1000)).samples).toHaveLength(1000);
  });

  test('fails with code and arguments intact', async () => {
    const client = createWorkerClient<typeof methods>(workerWith(methods).spawn);
    const error = await client.call('fail', undefined as never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'audio/sample-rate', args: { hz: 4000 } });
    await expect(client.call('crash', undefined as never)).rejects.toMatchObject({ code: 'internal', args: { detail: 'nothing there' } });
  });

  test('that was aborted is cancelled, whatever the worker threw', async () => {
    const client = createWorkerClient<typeof methods>(workerWith(methods).spawn);
    const controller = new AbortController();
    const waiting = client.call('untilAborted', null, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'job/cancelled' });
    await expect(client.call('double', 1, { signal: controller.signal })).rejects.toMatchObject({ code: 'job/cancelled' });
  });
});

describe('a worker', () => {
  test('that does not hear an abort is ended, and the next call starts a fresh one', async () => {
    const { spawn, started } = workerWith(methods);
    const client = createWorkerClient<typeof methods>(spawn, { abortGraceMs: 20 });
    const controller = new AbortController();
    const waiting = client.call('deaf', undefined as never, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'job/cancelled' });
    expect(await client.call('double', 4)).toBe(8);
    expect(started).toHaveLength(2);
  });

  test('that does not hear an abort goes on with what others wait for, and is ended after that', async () => {
    const { spawn, started } = workerWith(methods);
    const client = createWorkerClient<typeof methods>(spawn, { abortGraceMs: 20 });
    const controller = new AbortController();
    const others = client.call('steps', 60);
    const aborted = client.call('deaf', undefined as never, { signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'job/cancelled' });
    expect(await others).toBe(60);
    expect(await client.call('double', 4)).toBe(8);
    expect(started).toHaveLength(2);
  });

  test('that heard an abort late is kept', async () => {
    const { spawn, started } = workerWith(methods);
    const client = createWorkerClient<typeof methods>(spawn, { abortGraceMs: 1 });
    const controller = new AbortController();
    const others = client.call('steps', 60);
    const aborted = client.call('steps', 20, { signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'job/cancelled' });
    expect(await others).toBe(60);
    expect(await client.call('double', 4)).toBe(8);
    expect(started).toHaveLength(1);
  });

  test('that dies rejects every waiting call', async () => {
    const { spawn, started } = workerWith(methods);
    const client = createWorkerClient<typeof methods>(spawn);
    const waiting = [client.call('deaf', undefined as never), client.call('deaf', undefined as never)];
    started[0]!.dispatchEvent(new Event('error'));
    for (const call of waiting) await expect(call).rejects.toMatchObject({ code: 'job/worker-died' });
  });

  test('that goes silent rejects every waiting call', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const client = createWorkerClient<typeof methods>(workerWith(methods).spawn, { silenceMs: 10_000 });
      const waiting = client.call('deaf', undefined as never);
      const outcome = expect(waiting).rejects.toMatchObject({ code: 'job/worker-died' });
      vi.advanceTimersByTime(10_000);
      await outcome;
    } finally {
      vi.useRealTimers();
    }
  });
});
