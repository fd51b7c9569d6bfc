/** What the voice studio can be told from outside, validated. No value of a secret is ever repeated. */
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import { type ModelRules, MODELS, readModels } from './models.ts';
import type { SpeechSettings } from './open-provider.ts';

/** Every variable that it reads, with its default. */
export const schema = z.object({
  /** Key of a StepFun account. Without one an emulator speaks, where there is a synthesiser. */
  STEP_API_KEY: z.string().regex(/^[\x21-\x7e]+$/, 'no key: it has spaces or other letters than a key').default(''),
  /** Of the region that the key is of: https://api.stepfun.com/v1 or https://api.stepfun.ai/v1; with /step_plan/v1 for a plan's key. */
  STEPFUN_BASE_URL: z.url({ protocol: /^https?$/, error: 'no address' }).default('https://api.stepfun.com/v1').transform((url) => url.replace(/\/+$/, '')),
  /** A file with a list of models in place of the one that is built in. */
  STEPFUN_MODELS: z.string().default(''),
  /** Calls at a time, 1 to 64. The lowest tier allows five. */
  SPEECH_CONCURRENCY: z.coerce.number('no number').int('no whole number').min(1, 'outside 1 to 64').max(64, 'outside 1 to 64').default(4),
  /** Calls to the service that are told about, without what was said. */
  SPEECH_LOG: z.enum(['off', 'failures', 'all'], 'none of off, failures and all').default('failures'),
  /** Sound at rest is encrypted with a key in the database; with this as well, so that a copy of the database opens nothing. Not to be changed later. */
  SPEECH_FILE_SECRET: z.string().min(16, 'shorter than 16 characters').default(''),
  /** Manifest of a speaker encoder in place of the engine's own: /models/NAME.json, with its files in the folder models of DATA_DIR; or an address elsewhere. */
  SPEAKER_ENCODER: z.string().regex(/^(\/models\/[A-Za-z0-9_-][\w.-]*|https:\/\/[\w.-]+(:\d+)?\/\S+)$/, 'neither /models/NAME.json nor an address (https://...)').default(''),
});

/** What is said of a wrong value does not repeat it: people put a key in the wrong line. */
export const SECRET_NAMES: readonly string[] = ['STEP_API_KEY', 'SPEECH_FILE_SECRET', 'STEPFUN_BASE_URL'];

export interface Settings extends SpeechSettings {
  readonly models: readonly ModelRules[];
  readonly fileSecret: string;
  /** Address of a manifest, from our own; null: the engine's own encoder. */
  readonly speakerEncoder: string | null;
}

/**
 * @param dataDir  folder of what the server keeps
 * @throws AppError 'server/config' naming the first wrong value
 */
export function readSpeechSettings(environment: Readonly<Record<string, string | undefined>>, dataDir: string): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([name, value]) => name in schema.shape && value !== '' && value !== undefined));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0] ?? '');
    throw new AppError('server/config', { name, detail: `${SECRET_NAMES.includes(name) ? 'it' : `"${String(given[name])}"`} is ${issue?.message ?? 'not understood'}` });
  }
  const { STEP_API_KEY, STEPFUN_BASE_URL, STEPFUN_MODELS, SPEECH_CONCURRENCY, SPEECH_LOG, SPEECH_FILE_SECRET, SPEAKER_ENCODER } = parsed.data;
  return {
    key: STEP_API_KEY, baseUrl: STEPFUN_BASE_URL, concurrency: SPEECH_CONCURRENCY, log: SPEECH_LOG, fileSecret: SPEECH_FILE_SECRET, speakerEncoder: SPEAKER_ENCODER || null,
    emulatorFolder: join(dataDir, 'speech-emulator'), models: STEPFUN_MODELS === '' ? MODELS : readModels(STEPFUN_MODELS),
  };
}
