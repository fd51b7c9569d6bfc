/** Native FFTW as a yardstick: a small C program, compiled where a compiler and the library's header are found. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = `
#include <fftw3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return 1e3 * t.tv_sec + 1e-6 * t.tv_nsec; }
int main(int count, char **words) {
  for (int w = 1; w < count; w++) {
    int size = atoi(words[w]), calls = 2000000 / size;
    float *in = fftwf_alloc_real(size);
    fftwf_complex *out = fftwf_alloc_complex(size / 2 + 1);
    fftwf_plan plan = fftwf_plan_dft_r2c_1d(size, in, out, FFTW_MEASURE | FFTW_PRESERVE_INPUT);
    for (int i = 0; i < size; i++) in[i] = (float)rand() / RAND_MAX - 0.5f;
    double best = 1e30;
    for (int round = 0; round < 31; round++) {
      double start = now();
      for (int call = 0; call < calls; call++) fftwf_execute(plan);
      double ms = (now() - start) / calls;
      if (ms < best) best = ms;
    }
    printf("%.9f\\n", best);
  }
  return 0;
}`;

export type FftwTimes = { readonly status: 'measured'; readonly ms: readonly number[] } | { readonly status: 'missing'; readonly why: string };

/** Real forward transforms in single precision, one thread, the best of 31 rounds. @returns ms per transform, one per size */
export function fftwMs(sizes: readonly number[]): FftwTimes {
  const folder = mkdtempSync(join(tmpdir(), 'tonetwin-fftw-'));
  try {
    const [source, program] = [join(folder, 'fftw.c'), join(folder, 'fftw')];
    writeFileSync(source, PROGRAM);
    const made = spawnSync('gcc', ['-O2', source, '-o', program, '-lfftw3f', '-lm'], { encoding: 'utf8' });
    if (made.error) return { status: 'missing', why: 'not run: no gcc' };
    if (made.status !== 0) return { status: 'missing', why: `not run: ${/fftw3/.test(made.stderr) ? 'no FFTW library with header' : 'the program could not be compiled'}` };
    const { status, stdout } = spawnSync(program, sizes.map(String), { encoding: 'utf8' });
    if (status !== 0) return { status: 'missing', why: 'not run: the program failed' };
    return { status: 'measured', ms: stdout.trim().split('\n').map(Number) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
