import { expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { createSamplePrints } from '../../../web/jobs/voices/sample-prints.ts';
import type { Task, WorkerClient } from '../../../web/workers/rpc.ts';
import type { SamplePrint, VoiceSampleMethods } from '../../../web/workers/voice-sample/contract.ts';

const ENCODER = 'https://models.example/encoder.json';
const printBy = (version: string, encoderError: SamplePrint['encoderError'] = null): SamplePrint => ({ embedding: { version, vector: new Float32Array(256), hash: version }, encoderError });

/** A worker that does as it is told, and notes what it is asked. */
function worker(name: string, asked: string[], answer: (task: Task) => Promise<SamplePrint>): WorkerClient<VoiceSampleMethods> {
  const call = (method: string, { encoder }: { encoder: string | null }, task: Task = {}): Promise<SamplePrint> => {
    asked.push(`${name} ${method} ${encoder ?? 'own'}`);
    return answer(task);
  };
  return { call: call as unknown as WorkerClient<VoiceSampleMethods>['call'], terminate: () => undefined };
}

function prints(answer: (task: Task) => Promise<SamplePrint>) {
  const asked: string[] = [];
  let opened = 0;
  const of = createSamplePrints(worker('engine', asked, () => Promise.resolve(printBy('own'))), () => {
    opened += 1;
    return worker('network', asked, answer);
  }).of;
  return { of: (encoder: string | null, task?: Task) => of(new Uint8Array(4), encoder, task), asked, opened: () => opened };
}

test('without an encoder of the server the engine makes the print, and no other worker is started', async () => {
  const { of, asked, opened } = prints(() => Promise.resolve(printBy('network')));
  expect((await of(null)).embedding.version).toBe('own');
  expect([asked, opened()]).toEqual([['engine embed own'], 0]);
});

test('the server\'s encoder has one worker, which is asked again for the next', async () => {
  const { of, asked, opened } = prints(() => Promise.resolve(printBy('network')));
  for (let i = 0; i < 2; i += 1) expect((await of(ENCODER)).embedding.version).toBe('network');
  expect([asked, opened()]).toEqual([[`network embed ${ENCODER}`, `network embed ${ENCODER}`], 1]);
});

test('who does not want to wait gets the engine\'s at once, and nothing counts as wrong', async () => {
  const { of, asked } = prints(({ signal }) => new Promise((_, reject) => signal!.addEventListener('abort', () => reject(new AppError('job/cancelled')))));
  const giveUp = new AbortController();
  const printed = of(ENCODER, { signal: giveUp.signal });
  giveUp.abort();
  expect(await printed).toEqual(printBy('own'));
  expect(asked).toEqual([`network embed ${ENCODER}`, 'engine embed own']);
});

test('a network that takes its worker along leaves the engine\'s print, and it is said', async () => {
  const { of } = prints(() => Promise.reject(new AppError('job/worker-died')));
  const { embedding, encoderError } = await of(ENCODER);
  expect([embedding.version, encoderError?.code]).toEqual(['own', 'encoder/failed']);
});

test('what is wrong with the sample is said as it is', async () => {
  const { of } = prints(() => Promise.reject(new AppError('audio/too-short', { seconds: 0.4, minimum: 1 })));
  await expect(of(ENCODER)).rejects.toMatchObject({ code: 'audio/too-short' });
});
