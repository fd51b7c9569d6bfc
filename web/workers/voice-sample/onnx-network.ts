/**
 * Runs an ONNX network: onnxruntime-web's WebAssembly build, on one thread. A sample is measured once, in about a second: WebGPU would
 * take longer to make its shaders ready than this takes, and threads longer to start.
 */
import { InferenceSession, Tensor, env } from 'onnxruntime-web/wasm';
import { AppError } from '../../../shared/errors.ts';
import type { RunNetwork } from '../../../wasm/models/speaker/network-encoder.ts';

export interface Names {
  readonly input: string;
  readonly output: string;
}

/**
 * @param runtimeUrl  of ort-wasm-simd-threaded.wasm; null: where the package looks for it
 * @throws AppError 'encoder/failed' for what is no network, or has no such input or output; so does a run that fails
 */
export async function openNetwork(model: Uint8Array, { input, output }: Names, runtimeUrl: string | null): Promise<{ readonly run: RunNetwork; close(): Promise<void> }> {
  env.wasm.numThreads = 1;
  env.logLevel = 'error';
  if (runtimeUrl !== null) env.wasm.wasmPaths = { wasm: runtimeUrl };
  const guarded = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      if (cause instanceof AppError) throw cause;
      throw new AppError('encoder/failed', { detail: (cause instanceof Error ? cause.message : String(cause)).slice(0, 200) }, { cause });
    });
  const session = await guarded(InferenceSession.create(model, { executionProviders: ['wasm'] }));
  if (!session.inputNames.includes(input)) throw new AppError('encoder/failed', { detail: `it has no input ${input}, but ${session.inputNames.join(', ')}` });
  if (!session.outputNames.includes(output)) throw new AppError('encoder/failed', { detail: `it has no output ${output}, but ${session.outputNames.join(', ')}` });
  return {
    run: (values, dimensions) =>
      guarded(
        session.run({ [input]: new Tensor('float32', values, [...dimensions]) }, [output]).then((outputs) => {
          const found = outputs[output];
          if (!(found?.data instanceof Float32Array)) throw new AppError('encoder/failed', { detail: `${output} is no float32` });
          return found.data;
        }),
      ),
    close: () => session.release(),
  };
}
