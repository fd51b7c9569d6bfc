/**
 * The program that speaks for the emulator: eSpeak NG, the one of its package, which is the program compiled to WebAssembly, or else an
 * installed one. The package first: it is the same everywhere, and version 1.51 as Debian has it reads Chinese tones aloud as English
 * numbers. Chosen because it is the only free synthesiser for Node that speaks both of our languages (Flite knows
 * English, SVOX Pico five languages without Chinese). Its licence is the GPL, so it stays another program: found when the server
 * starts, run as a process, talked to by arguments and pipes, and never needed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { monoOf, readWav } from '../wav.ts';

export interface Said {
  /** frames, full scale ±1 */
  readonly samples: Float32Array;
  /** Hz */
  readonly sampleRate: number;
}

export interface Synthesiser {
  /** What it is, with its version. */
  readonly name: string;
  /**
   * @param language  a voice of the program: "en-us", "cmn"
   * @param pitch     0 to 99
   * @param wordsPerMinute  80 to 450
   */
  say(text: string, voice: { readonly language: string; readonly pitch: number; readonly wordsPerMinute: number }, signal: AbortSignal): Promise<Said>;
}

const MOST_MS = 25_000;
const LOOK_MS = 3000;
const NAME = process.platform === 'win32' ? 'espeak-ng.exe' : 'espeak-ng';

interface Program {
  readonly name: string;
  readonly command: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

function installedProgram(path: string): Program | null {
  for (const folder of path.split(delimiter)) {
    const command = join(folder, NAME);
    if (folder === '' || !existsSync(command)) continue;
    // One that is broken is none.
    const { status, stdout } = spawnSync(command, ['--version'], { timeout: LOOK_MS, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    if (status === 0) return { name: `eSpeak NG ${/\d+\.\d+[\w.-]*/.exec(stdout)?.[0] ?? ''}`.trim(), command, before: [], after: ['--stdin', '--stdout'] };
  }
  return null;
}

function packagedProgram(): Program | null {
  try {
    const main = createRequire(import.meta.url).resolve('espeak-ng');
    const { version } = JSON.parse(readFileSync(join(dirname(main), '..', 'package.json'), 'utf8')) as { version: string };
    return { name: `eSpeak NG (espeak-ng ${version})`, command: process.execPath, before: [fileURLToPath(new URL('./espeak-ng-program.mjs', import.meta.url))], after: [] };
  } catch {
    return null;
  }
}

function run({ command, before, after }: Program, options: readonly string[], text: string, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // Nothing of ours is told to it: no key, no address.
    const child = spawn(command, [...before, ...options, ...after], { stdio: ['pipe', 'pipe', 'ignore'], signal, timeout: MOST_MS, killSignal: 'SIGKILL', env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' } });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(Buffer.concat(parts)) : reject(new Error(`the synthesiser ended with ${code ?? 'a signal'}`))));
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
  });
}

export interface Places {
  /** The optional package may be used. */
  readonly usesPackage?: boolean;
  /** Folders to look in for an installed program, as in PATH. */
  readonly path?: string;
}

/** Null: there is none. */
export function findSynthesiser({ usesPackage = true, path = process.env['PATH'] ?? '' }: Places = {}): Synthesiser | null {
  const program = (usesPackage ? packagedProgram() : null) ?? installedProgram(path);
  if (!program) return null;
  return {
    name: program.name,
    async say(text, { language, pitch, wordsPerMinute }, signal) {
      const wav = readWav(await run(program, ['-v', language, '-p', String(Math.round(pitch)), '-s', String(Math.round(wordsPerMinute))], text, signal));
      if (!wav) throw new Error('the synthesiser answered no sound');
      return { samples: monoOf(wav), sampleRate: wav.sampleRate };
    },
  };
}
