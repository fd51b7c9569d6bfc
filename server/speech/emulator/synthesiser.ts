/**
 * The program that speaks for the emulator: eSpeak NG, the installed one or else the one of its package, which is the same program
 * compiled to WebAssembly. Chosen because it is the only free synthesiser for Node that speaks both of our languages (Flite knows
 * English, SVOX Pico five languages without Chinese). Its licence is the GPL, so it stays another program: found when the server
 * starts, run as a process, talked to by arguments and pipes, and never needed.
 */
import { spawn } from 'node:child_process';
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
const NAMES = process.platform === 'win32' ? ['espeak-ng.exe'] : ['espeak-ng'];

interface Program {
  readonly name: string;
  readonly command: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

function installedProgram(path: string): Program | null {
  for (const folder of path.split(delimiter)) {
    for (const name of NAMES) if (folder !== '' && existsSync(join(folder, name))) return { name: 'eSpeak NG', command: join(folder, name), before: [], after: ['--stdin', '--stdout'] };
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

/** @param path  folders to look in for an installed program, as in PATH. Null: there is none */
export function findSynthesiser(path: string = process.env['PATH'] ?? ''): Synthesiser | null {
  const program = installedProgram(path) ?? packagedProgram();
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
