/** What one core of this machine can do at most from WebAssembly with 128-bit SIMD, measured by loops that do nothing else. */
import asc from 'assemblyscript/asc';

export interface Machine {
  /** Multiplications and additions in registers, 10^9 a second. */
  readonly f32Gflops: number;
  readonly f64Gflops: number;
  /** Read and written, far beyond the caches, 10^9 bytes a second. */
  readonly gigabytes: number;
}

/** As many independent sums as registers hold: none waits for another. */
const CHAINS = 12;

const loop = (name: string, lane: 'f32x4' | 'f64x2'): string => {
  const each = (line: (k: number) => string) => Array.from({ length: CHAINS }, (_, k) => line(k)).join('\n');
  return `export function ${name}(turns: i32): f64 {
    const shrink = ${lane}.splat(0.999);
    const add = ${lane}.splat(0.001);
    ${each((k) => `let x${k} = ${lane}.splat(0.${k + 1});`)}
    for (let i = 0; i < turns; i++) {
      ${each((k) => `x${k} = ${lane}.add(${lane}.mul(x${k}, shrink), add);`)}
    }
    ${each((k) => (k === 0 ? '' : `x0 = ${lane}.add(x0, x${k});`))}
    return <f64>${lane}.extract_lane(x0, 0);
  }`;
};

const SOURCE = `
${loop('f32Loop', 'f32x4')}
${loop('f64Loop', 'f64x2')}
export function move(bytes: i32): void {
  for (let at: usize = 1024; at < <usize>bytes; at += 64) {
    v128.store(at + <usize>bytes, v128.load(at));
    v128.store(at + <usize>bytes, v128.load(at, 16), 16);
    v128.store(at + <usize>bytes, v128.load(at, 32), 32);
    v128.store(at + <usize>bytes, v128.load(at, 48), 48);
  }
}`;

interface Loops {
  f32Loop(turns: number): number;
  f64Loop(turns: number): number;
  move(bytes: number): void;
}

/** Short, so that some rounds are left alone by whatever else the machine does. */
const TURNS = 100_000;
const MOVED = 64 * 2 ** 20;

/** ms, the best of some: what else a machine does only ever adds. */
function best(work: () => void, rounds: number): number {
  let least = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

export async function measureMachine(): Promise<Machine> {
  const { binary, stderr } = await asc.compileString(SOURCE, { optimizeLevel: 3, runtime: 'stub', enable: ['simd'], noAssert: true, initialMemory: (2 * MOVED) / 65_536 + 1 });
  if (!binary) throw new Error(stderr.toString());
  const { instance } = await WebAssembly.instantiate(binary as Uint8Array<ArrayBuffer>, {});
  const { f32Loop, f64Loop, move } = instance.exports as unknown as Loops;
  const rate = (lanes: number, ms: number) => (2 * CHAINS * lanes * TURNS) / ms / 1e6;
  return {
    f32Gflops: rate(4, best(() => f32Loop(TURNS), 1000)),
    f64Gflops: rate(2, best(() => f64Loop(TURNS), 1000)),
    gigabytes: (2 * MOVED) / best(() => move(MOVED), 15) / 1e6,
  };
}
