/** Yardsticks without types of their own. */
declare module '@echogarden/pffft-wasm/simd' {
  interface Pffft {
    readonly HEAPF32: Float32Array;
    _pffft_new_setup(size: number, kind: number): number;
    _pffft_aligned_malloc(bytes: number): number;
    _pffft_transform(setup: number, input: number, output: number, work: number, direction: number): void;
    _pffft_zconvolve_accumulate(setup: number, a: number, b: number, sum: number, scale: number): void;
    _pffft_transform_ordered(setup: number, input: number, output: number, work: number, direction: number): void;
  }
  export default function create(): Promise<Pffft>;
}

declare module 'signalsmith-stretch';
