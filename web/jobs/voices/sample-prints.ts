/** Voice prints of samples: by the encoder that the server names, in a worker of its own; by the engine's where that one cannot be had. */
import { AppError, type ErrorBody } from '../../../shared/errors.ts';
import type { Task, WorkerClient } from '../../workers/rpc.ts';
import type { SamplePrint, VoiceSampleMethods } from '../../workers/voice-sample/contract.ts';

export interface SamplePrints {
  /**
   * @param encoder  address of a manifest; null: the server names none
   * @param task.signal  gives that encoder up: the engine's own is used at once
   * @throws AppError 'audio/too-short'
   */
  of(wav: Uint8Array, encoder: string | null, task?: Task): Promise<SamplePrint>;
}

/**
 * @param own  computes the engine's
 * @param open  a worker for the encoder at this address. A network that takes all the memory there is takes its worker along, and no other
 */
export function createSamplePrints(own: WorkerClient<VoiceSampleMethods>, open: (encoder: string) => WorkerClient<VoiceSampleMethods>): SamplePrints {
  const opened = new Map<string, WorkerClient<VoiceSampleMethods>>();
  const workerFor = (encoder: string): WorkerClient<VoiceSampleMethods> => {
    const worker = opened.get(encoder) ?? open(encoder);
    opened.set(encoder, worker);
    return worker;
  };
  const plain = async (wav: Uint8Array, encoderError: ErrorBody | null): Promise<SamplePrint> => ({ ...(await own.call('embed', { wav, encoder: null })), encoderError });

  return {
    async of(wav, encoder, task = {}) {
      if (encoder === null) return plain(wav, null);
      try {
        return await workerFor(encoder).call('embed', { wav, encoder }, task);
      } catch (thrown) {
        // Given up by the person: nothing went wrong.
        if (task.signal?.aborted) return plain(wav, null);
        if (thrown instanceof AppError && thrown.code === 'job/worker-died') return plain(wav, new AppError('encoder/failed', { detail: 'out of memory' }).toBody());
        throw thrown;
      }
    },
  };
}
