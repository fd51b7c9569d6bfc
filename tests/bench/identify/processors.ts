/** Processors that are not ours: ffmpeg's filters and codecs, SoX's effects, LADSPA and LV2 plug-ins through ffmpeg. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Stereo = readonly [left: Float32Array, right: Float32Array];

/** One processor of a chain with its values. */
export type Step =
  | { readonly tool: 'ffmpeg' | 'sox'; /** The filter or effect, as the program reads it. */ readonly words: string; readonly name: string }
  | { readonly tool: 'codec'; readonly encoder: string; readonly bitrate: string; readonly container: string; readonly name: string }
  | { readonly tool: 'fir'; readonly response: Stereo; readonly name: string };

export const ffmpeg = (words: string, name = /^[a-z0-9]+/.exec(words)![0]): Step => ({ tool: 'ffmpeg', words, name });
export const sox = (words: string): Step => ({ tool: 'sox', words, name: `sox ${/^\w+/.exec(words)![0]}` });
/** @param controls in the plug-in's order, c0 first; null leaves one at its default */
export const ladspa = (file: string, plugin: string, controls: readonly (number | null)[]): Step => ({
  tool: 'ffmpeg',
  words: `ladspa=file=${file}:plugin=${plugin}:controls=${controls.map((v, i) => (v === null ? '' : `c${i}=${v.toFixed(6)}`)).filter(Boolean).join('|')}`,
  name: `ladspa ${plugin}`,
});
export const lv2 = (uri: string, controls: Readonly<Record<string, number>>): Step => ({
  tool: 'ffmpeg',
  words: `lv2=p=${uri.replace(':', '\\\\:')}:c=${Object.entries(controls).map(([k, v]) => `${k}=${v.toFixed(6)}`).join('|')}`,
  name: `lv2 ${uri.split('/').slice(-1)[0]!} (${uri.split('/')[2]!})`,
});

const bytesOf = ([left, right]: Stereo): Buffer => {
  const samples = new Float32Array(2 * left.length);
  for (let i = 0; i < left.length; i += 1) {
    samples[2 * i] = left[i]!;
    samples[2 * i + 1] = right[i]!;
  }
  return Buffer.from(samples.buffer);
};

const stereoOf = (bytes: Buffer): Stereo => {
  const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length - (bytes.length % 8)));
  const frames = samples.length / 2;
  return [Float32Array.from({ length: frames }, (_, i) => samples[2 * i]!), Float32Array.from({ length: frames }, (_, i) => samples[2 * i + 1]!)];
};

const MOST_BYTES = 1 << 28;

/** @throws Error with the program's words */
function piped(command: string, args: readonly string[], input?: Buffer): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, args, { ...(input ? { input } : {}), maxBuffer: MOST_BYTES });
  if (status !== 0 || error) throw new Error(`${command}: ${error?.message ?? stderr.toString().slice(-400)}`);
  return stdout;
}

const QUIET = ['-hide_banner', '-nostdin', '-v', 'error'] as const;
const raw = (rate: number) => ['-f', 'f32le', '-ar', String(rate), '-ac', '2'];

function throughFolder(work: (folder: string) => Stereo): Stereo {
  const folder = mkdtempSync(join(tmpdir(), 'tonetwin-identify-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(step: Step, input: Stereo, rate: number): Stereo {
  switch (step.tool) {
    case 'ffmpeg':
      return stereoOf(piped('ffmpeg', [...QUIET.filter((w) => w !== '-nostdin'), ...raw(rate), '-i', '-', '-af', step.words, ...raw(rate), '-'], bytesOf(input)));
    case 'sox': {
      const form = ['-t', 'f32', '-r', String(rate), '-c', '2', '-'];
      return stereoOf(piped('sox', ['-V1', '-D', ...form, ...form, ...step.words.split(' ')], bytesOf(input)));
    }
    case 'codec':
      return throughFolder((folder) => {
        const file = join(folder, `a.${step.container}`);
        piped('ffmpeg', [...QUIET.filter((w) => w !== '-nostdin'), ...raw(rate), '-i', '-', '-c:a', step.encoder, '-b:a', step.bitrate, file], bytesOf(input));
        return stereoOf(piped('ffmpeg', [...QUIET, '-i', file, ...raw(rate), '-']));
      });
    case 'fir':
      return throughFolder((folder) => {
        const [file, response] = [join(folder, 'in.f32'), join(folder, 'ir.f32')];
        writeFileSync(file, bytesOf(input));
        writeFileSync(response, bytesOf(step.response));
        return stereoOf(piped('ffmpeg', [...QUIET, ...raw(rate), '-i', file, ...raw(rate), '-i', response, '-filter_complex', 'afir=dry=1:wet=1:gtype=none:irgain=1', ...raw(rate), '-']));
      });
    default:
      return step satisfies never;
  }
}

/** Audio through processors, one after the other; latencies stay in. */
export const processed = (input: Stereo, rate: number, steps: readonly Step[]): Stereo => steps.reduce((signal, step) => run(step, signal, rate), input);

/** Another sample rate, by SoX. */
export const atRate = (input: Stereo, from: number, to: number): Stereo =>
  from === to ? input : stereoOf(piped('sox', ['-V1', '-D', '-t', 'f32', '-r', String(from), '-c', '2', '-', '-t', 'f32', '-r', String(to), '-c', '2', '-', 'rate', '-v'], bytesOf(input)));

/** Part of a file as stereo at a rate. */
export const decoded = (file: string, fromSeconds: number, seconds: number, rate: number): Stereo =>
  stereoOf(piped('ffmpeg', [...QUIET, '-ss', fromSeconds.toFixed(3), '-t', seconds.toFixed(3), '-i', file, ...raw(rate), '-']));

export const secondsOf = (file: string): number => Number(piped('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', file]).toString());

const known = new Map<string, boolean>();

/** Whether a processor is installed and runs: tried once by name, on a tenth of a second of silence. */
export function isInstalled(step: Step): boolean {
  const before = known.get(step.name);
  if (before !== undefined) return before;
  let works = true;
  try {
    const silence: Stereo = [new Float32Array(4800), new Float32Array(4800)];
    run(step, silence, 48_000);
  } catch {
    works = false;
  }
  known.set(step.name, works);
  return works;
}

/** Names of processors that were asked for and are not here. */
export const missing = (): string[] => [...known].filter(([, works]) => !works).map(([name]) => name).sort();

/** "ffmpeg 5.1.9, SoX 14.4.2" */
export function versions(): string {
  const first = (command: string, args: readonly string[], pattern: RegExp): string => {
    const { stdout, status } = spawnSync(command, args, { encoding: 'utf8' });
    return status === 0 ? `${command} ${pattern.exec(stdout)?.[1] ?? ''}` : `no ${command}`;
  };
  return `${first('ffmpeg', ['-version'], /version (\S+)/)}, ${first('sox', ['--version'], /v?(\d+\.\d+\S*)/)}`;
}
