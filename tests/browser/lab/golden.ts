/** The golden renders as one script for a page. */
import { compileEngine } from '../../../wasm/host/engine.ts';
import { GOLDEN_CASES, goldenHash } from '../../golden/cases.ts';

/** Hashes by case, from the engine's bytes. */
async function hashAll(engineBase64: string): Promise<Record<string, string>> {
  const engine = await compileEngine(Uint8Array.from(atob(engineBase64), (letter) => letter.charCodeAt(0)));
  const hashes: Record<string, string> = {};
  for (const golden of GOLDEN_CASES) hashes[golden.name] = await goldenHash(engine, golden);
  return hashes;
}

export type HashAll = typeof hashAll;
(globalThis as unknown as { HASH_ALL: HashAll }).HASH_ALL = hashAll;
