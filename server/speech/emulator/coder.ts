/** Formats beside WAV and raw frames, where the program ffmpeg is installed: for samples that come in and speech that goes out. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { AudioFormat } from '../contract.ts';
import { monoOf, pcm16Of, readWav, wavOf } from '../wav.ts';
import type { Said } from './synthesiser.ts';

export interface Coder {
  readonly formats: readonly AudioFormat[];
  /** Null where it cannot be decoded here. */
  decode(bytes: Uint8Array, signal: AbortSignal): Promise<Said | null>;
  /** @param format one of `formats` */
  encode(samples: Float32Array, sampleRate: number, format: AudioFormat, signal: AbortSignal): Promise<Buffer>;
}

const MOST_MS = 20_000;
const DECODED_HZ = 22_050;
const OUTPUT: Readonly<Record<'mp3' | 'flac' | 'opus', readonly string[]>> = {
  mp3: ['-c:a', 'libmp3lame', '-b:a', '96k', '-f', 'mp3'],
  flac: ['-c:a', 'flac', '-f', 'flac'],
  opus: ['-c:a', 'libopus', '-b:a', '48k', '-f', 'ogg'],
};

function run(command: string, options: readonly string[], input: Uint8Array, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, ['-hide_banner', '-loglevel', 'error', '-nostdin', ...options], { stdio: ['pipe', 'pipe', 'ignore'], signal, timeout: MOST_MS, killSignal: 'SIGKILL', env: { PATH: process.env['PATH'] ?? '' } });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(Buffer.concat(parts)) : reject(new Error(`ffmpeg ended with ${code ?? 'a signal'}`))));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** @param path  folders to look in, as in PATH */
export function createCoder(path: string = process.env['PATH'] ?? ''): Coder {
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  const command = path.split(delimiter).filter((folder) => folder !== '').map((folder) => join(folder, name)).find((file) => existsSync(file));
  return {
    formats: command ? ['wav', 'mp3', 'flac', 'opus', 'pcm'] : ['wav', 'pcm'],
    async decode(bytes, signal) {
      const wav = readWav(bytes);
      if (wav) return { samples: monoOf(wav), sampleRate: wav.sampleRate };
      if (!command) return null;
      const decoded = readWav(await run(command, ['-i', 'pipe:0', '-ac', '1', '-ar', String(DECODED_HZ), '-f', 'wav', 'pipe:1'], bytes, signal).catch(() => Buffer.alloc(0)));
      return decoded && { samples: monoOf(decoded), sampleRate: decoded.sampleRate };
    },
    async encode(samples, sampleRate, format, signal) {
      const pcm = pcm16Of(samples);
      switch (format) {
        case 'pcm':
          return pcm;
        case 'wav':
          return wavOf(pcm, sampleRate);
        case 'mp3':
        case 'flac':
        case 'opus':
          if (!command) throw new Error(`${format} needs ffmpeg`);
          return run(command, ['-f', 's16le', '-ar', String(sampleRate), '-ac', '1', '-i', 'pipe:0', ...OUTPUT[format], 'pipe:1'], pcm, signal);
        default:
          return format satisfies never;
      }
    },
  };
}
