/** Who speaks on this server: StepFun where there is a key; else the emulator where something can speak; else nobody, which is said. */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError, toAppError } from '../../shared/errors.ts';
import { CLOSED } from './circuit.ts';
import type { SpeechProvider } from './contract.ts';
import { type CallReport, createClient, type Watcher } from './stepfun/client.ts';
import { createStepfunProvider } from './stepfun/provider.ts';

export interface SpeechSettings {
  /** Empty: there is none. */
  readonly key: string;
  /** With /v1, without a slash at the end. */
  readonly baseUrl: string;
  readonly concurrency: number;
  /** Which calls are told about. */
  readonly log: 'off' | 'failures' | 'all';
  /** Where the emulator keeps its voices. */
  readonly emulatorFolder: string;
}

export interface OpenProvider {
  readonly provider: SpeechProvider | null;
  close(): Promise<void>;
}

const EMULATED_LATENCY_MS = 120;
/** Of the service's lowest tier. */
const EMULATED_LIMITS = { concurrent: 5, perMinute: 100 };
const TROUBLES = {
  key: 'StepFun does not accept STEP_API_KEY. Keys of api.stepfun.com and api.stepfun.ai are not the same: is STEPFUN_BASE_URL the right one?',
  account: 'The StepFun account has no balance left.',
} as const;

/** One line, without what was said or who said it. */
export const lineOf = ({ method, path, status, ms, attempt, trace }: CallReport): string => `speech ${method} ${path.replace(/\/file-[^/]+/, '/file')} ${status ?? 'no answer'} ${ms} ms${attempt > 1 ? `, try ${attempt}` : ''}${trace === null ? '' : `, trace ${trace.replace(/[^\w.-]/g, '').slice(0, 80)}`}`;

const regionOf = (baseUrl: string): 'com' | 'ai' => (new URL(baseUrl).hostname.endsWith('.ai') ? 'ai' : 'com');

/**
 * @param say    a line for the operator
 * @param watch  for metrics
 */
export async function openProvider({ key, baseUrl, concurrency, log, emulatorFolder }: SpeechSettings, say: (line: string) => void, watch: Partial<Watcher> = {}): Promise<OpenProvider> {
  const told = new Set<string>();
  watch.circuit?.(CLOSED);
  const watcher: Watcher = {
    called(report) {
      if (log === 'all' || (log === 'failures' && (report.status === null || report.status >= 400))) say(lineOf(report));
      watch.called?.(report);
    },
    circuit(circuit) {
      if (circuit.status === 'open') say('The speech service failed several times in a row and is left alone for a while.');
      watch.circuit?.(circuit);
    },
    trouble(trouble) {
      if (!told.has(trouble)) say(TROUBLES[trouble]);
      told.add(trouble);
      watch.trouble?.(trouble);
    },
  };
  const clientOf = (url: string, secret: string) => createClient({
    baseUrl: url, key: secret, watcher, concurrency, nowMs: () => Date.now(), random: () => Math.random(),
    wait: (ms, signal) => wait(ms, undefined, { signal }).catch(() => {
      throw new AppError('job/cancelled');
    }),
  });

  if (key !== '') {
    const { hostname } = new URL(baseUrl);
    return { provider: createStepfunProvider({ client: clientOf(baseUrl, key), name: 'stepfun', place: `stepfun ${hostname}`, region: regionOf(baseUrl), synthesiser: null, formats: ['wav', 'mp3', 'flac', 'opus', 'pcm'] }), close: async () => undefined };
  }
  // Loaded only where it is used.
  const [{ findSynthesiser }, { createCoder }, { createEmulatorStore }, { serveEmulator }] = [
    await import('./emulator/synthesiser.ts'), await import('./emulator/coder.ts'), await import('./emulator/store.ts'), await import('./emulator/serve-emulator.ts'),
  ];
  const synthesiser = findSynthesiser();
  if (!synthesiser) return { provider: null, close: async () => undefined };
  const ownKey = randomBytes(24).toString('base64url');
  const coder = createCoder();
  try {
    const emulator = await serveEmulator({ synthesiser, coder, store: createEmulatorStore(emulatorFolder), nowMs: () => Date.now(), key: ownKey, region: 'com', latencyMs: EMULATED_LATENCY_MS, limits: EMULATED_LIMITS });
    const provider = createStepfunProvider({ client: clientOf(emulator.baseUrl, ownKey), name: 'emulator', place: 'emulator', region: 'com', synthesiser: synthesiser.name, formats: coder.formats });
    return { provider, close: () => emulator.close() };
  } catch (thrown) {
    say(`The speech emulator cannot listen: ${toAppError(thrown).message}`);
    return { provider: null, close: async () => undefined };
  }
}
