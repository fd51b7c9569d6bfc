/** ebur128-wasm outside a bundler: its glue imports the binary as a module, which Node does not. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface Exports {
  readonly memory: WebAssembly.Memory;
  __wbindgen_malloc(bytes: number): number;
  ebur128_integrated_stereo(sampleRate: number, left: number, leftLength: number, right: number, rightLength: number): number;
  ebur128_true_peak_stereo(sampleRate: number, left: number, leftLength: number, right: number, rightLength: number): number;
}

export interface Ebur128 {
  integratedLufs(left: Float32Array, right: Float32Array): number;
  truePeakDb(left: Float32Array, right: Float32Array): number;
}

export async function openEbur128(sampleRate: number): Promise<Ebur128> {
  const folder = dirname(createRequire(import.meta.url).resolve('ebur128-wasm/package.json'));
  const module = await WebAssembly.compile(new Uint8Array(readFileSync(join(folder, 'ebur128_wasm_bg.wasm'))));
  const unused = () => {
    throw new Error('ebur128-wasm called its host');
  };
  const imports: Record<string, Record<string, () => never>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = unused;
  const wasm = (await WebAssembly.instantiate(module, imports)).exports as unknown as Exports;
  // The callee frees what it is given.
  const given = (samples: Float32Array): [number, number] => {
    const pointer = wasm.__wbindgen_malloc(samples.length * 4);
    new Float32Array(wasm.memory.buffer, pointer, samples.length).set(samples);
    return [pointer, samples.length];
  };
  return {
    integratedLufs: (left, right) => wasm.ebur128_integrated_stereo(sampleRate, ...given(left), ...given(right)),
    truePeakDb: (left, right) => wasm.ebur128_true_peak_stereo(sampleRate, ...given(left), ...given(right)),
  };
}
