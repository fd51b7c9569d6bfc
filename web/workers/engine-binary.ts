/** The compiled engine, fetched once per worker or page. */
import engineUrl from '../../wasm/build/out/engine.wasm?url';
import { AppError } from '../../shared/errors.ts';
import { compileEngine, type EngineBinary } from '../../wasm/host/engine.ts';

let binary: Promise<EngineBinary> | undefined;

async function load(): Promise<EngineBinary> {
  const answer = await fetch(engineUrl).catch((cause: unknown) => {
    throw new AppError('network/unavailable', {}, { cause });
  });
  // A page older than the server asks for an engine that is gone.
  if (!answer.ok) throw new AppError('engine/stale');
  return compileEngine(new Uint8Array(await answer.arrayBuffer()));
}

/** @throws AppError 'network/unavailable', 'engine/stale', 'engine/failed' */
export function engineBinary(): Promise<EngineBinary> {
  binary ??= load();
  binary.catch(() => {
    binary = undefined;
  });
  return binary;
}
