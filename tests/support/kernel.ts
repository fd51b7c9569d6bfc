import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const KERNELS = fileURLToPath(new URL('../../wasm/assembly/kernels', import.meta.url));

/** A kernel that the engine does not export, compiled alone: its functions, and memory for the test. */
export interface Kernel {
  call(name: string, ...args: number[]): number;
  f32(pointer: number, length: number): Float32Array;
  /** From here on memory belongs to the test: far past the kernel's own tables. */
  readonly free: number;
}

export async function compileKernel(name: string): Promise<Kernel> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(
    [join(KERNELS, `${name}.ts`), '-o', 'kernel.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--initialMemory', '64'],
    { writeFile: (_, contents) => void (binary = new Uint8Array(contents as Uint8Array)) },
  );
  if (error || !binary) throw new Error(`${name}: ${stderr.toString()}`);
  const { instance } = await WebAssembly.instantiate(binary, { env: { abort: () => undefined } });
  const exports = instance.exports as Record<string, unknown>;
  const memory = exports['memory'] as WebAssembly.Memory;
  return {
    call: (symbol, ...args) => (exports[symbol] as (...args: number[]) => number)(...args),
    f32: (pointer, length) => new Float32Array(memory.buffer, pointer, length),
    free: 1 << 21,
  };
}
