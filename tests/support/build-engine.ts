import { compileIfStale } from '../../wasm/build/compile.ts';

/** Before the first test: the engine is compiled if a source changed. */
export default async function buildEngine(): Promise<void> {
  await compileIfStale();
}
