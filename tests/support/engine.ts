import { readFileSync } from 'node:fs';
import { ENGINE_PATH } from '../../wasm/build/compile.ts';
import { compileEngine, type Engine, type EngineBinary, openEngine } from '../../wasm/host/engine.ts';

let binary: Promise<EngineBinary> | undefined;

/** The compiled engine, once per test file. */
export const engineBinary = (): Promise<EngineBinary> => (binary ??= compileEngine(new Uint8Array(readFileSync(ENGINE_PATH))));

export const freshEngine = async (): Promise<Engine> => openEngine(await engineBinary());
