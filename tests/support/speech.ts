/** An emulator and a provider that talks to it, for tests; and voices to clone. */
import type { Disturbance, EmulatorParts } from '../../server/speech/emulator/app.ts';
import { createCoder } from '../../server/speech/emulator/coder.ts';
import { serveEmulator } from '../../server/speech/emulator/serve-emulator.ts';
import { createEmulatorStore, type EmulatorStore } from '../../server/speech/emulator/store.ts';
import type { Synthesiser } from '../../server/speech/emulator/synthesiser.ts';
import type { Circuit } from '../../server/speech/circuit.ts';
import type { SpeechProvider } from '../../server/speech/contract.ts';
import { type CallReport, createClient } from '../../server/speech/stepfun/client.ts';
import { createStepfunProvider } from '../../server/speech/stepfun/provider.ts';
import { pcm16Of, wavOf } from '../../server/speech/wav.ts';

export const KEY = 'sk-a-secret-that-nobody-may-see';

/** Says every letter as a buzz: quick, and as high as it is told. Where speech itself matters the real one is used. */
export const buzzer: Synthesiser = {
  name: 'buzzer',
  say(text, { pitch, wordsPerMinute }) {
    const sampleRate = 22_050;
    const samples = new Float32Array(Math.round((text.length * 0.06 * sampleRate * 165) / wordsPerMinute));
    const hz = 68 + pitch;
    for (let i = 0; i < samples.length; i += 1) samples[i] = 0.3 * (((i * hz) / sampleRate) % 1) - 0.15;
    return Promise.resolve({ samples, sampleRate });
  },
};

/** A vowel at this pitch, of so many seconds. @returns a WAV file */
export function vowel(hz: number, seconds: number, sampleRate = 16_000): Buffer {
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  for (let harmonic = 1; harmonic * hz < 3500; harmonic += 1) {
    for (let i = 0; i < samples.length; i += 1) samples[i]! += (0.3 / harmonic) * Math.sin((2 * Math.PI * harmonic * hz * i) / sampleRate);
  }
  return wavOf(pcm16Of(samples), sampleRate);
}

export interface EmulatedProvider {
  readonly provider: SpeechProvider;
  readonly store: EmulatorStore;
  readonly baseUrl: string;
  readonly calls: CallReport[];
  readonly circuits: Circuit[];
  readonly troubles: string[];
  /** What happens to the next calls, by "POST /v1/audio/voices". Taken one by one. */
  readonly disturbances: Map<string, Disturbance[]>;
  nowMs: number;
  close(): Promise<void>;
}

export async function openEmulatedProvider({ name = 'emulator', timeoutMs = 20_000, key = KEY, ...rest }: Partial<EmulatorParts> & { readonly name?: 'stepfun' | 'emulator'; readonly timeoutMs?: number } = {}): Promise<EmulatedProvider> {
  const disturbances = new Map<string, Disturbance[]>();
  const store = createEmulatorStore(null);
  const world = { nowMs: Date.parse('2026-03-01T12:00:00Z') };
  const parts: EmulatorParts = {
    synthesiser: buzzer, coder: createCoder(''), store, nowMs: () => world.nowMs, key, region: 'com', latencyMs: 0, limits: { concurrent: 100, perMinute: 10_000 },
    disturb: (method, path) => disturbances.get(`${method} ${path}`)?.shift() ?? null, ...rest,
  };
  const emulator = await serveEmulator(parts);
  const [calls, circuits, troubles]: [CallReport[], Circuit[], string[]] = [[], [], []];
  const client = createClient({
    baseUrl: emulator.baseUrl, key: KEY, nowMs: () => world.nowMs, wait: () => Promise.resolve(), random: () => 0, concurrency: 4, timeoutMs,
    watcher: { called: (report) => calls.push(report), circuit: (circuit) => circuits.push(circuit), trouble: (trouble) => troubles.push(trouble) },
  });
  const provider = createStepfunProvider({ client, name, place: name, region: parts.region, synthesiser: parts.synthesiser.name, formats: parts.coder.formats });
  return Object.assign(world, { provider, store, baseUrl: emulator.baseUrl, calls, circuits, troubles, disturbances, close: () => emulator.close() });
}
