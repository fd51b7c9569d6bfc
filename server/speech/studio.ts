/** What the parts of the voice studio share: the database, the provider, whose things are whose, what a day allows. */
import { AppError } from '../../shared/errors.ts';
import type { Queries } from '../database/open-database.ts';
import type { SpeechProvider } from './contract.ts';
import { type ModelRules, MODELS } from './models.ts';
import type { Quotas } from './quotas.ts';
import type { Seal } from './seal.ts';

export interface Studio {
  readonly queries: Queries;
  readonly nowMs: () => number;
  readonly seal: Seal;
  readonly quotas: Quotas;
  /** Null: there is neither a key nor anything that speaks. */
  readonly provider: SpeechProvider | null;
  readonly models: readonly ModelRules[];
}

/** What the server is opened with. */
export interface SpeechParts {
  readonly provider: SpeechProvider | null;
  readonly models?: readonly ModelRules[];
  /** Of the environment: sound at rest is opened with it and the key in the database together. */
  readonly fileSecret?: string;
}

export const DEFAULT_MODELS = MODELS;

/** @throws AppError 'speech/no-provider' */
export function providerOf({ provider }: Pick<Studio, 'provider'>): SpeechProvider {
  if (!provider) throw new AppError('speech/no-provider');
  return provider;
}

/** @throws AppError 'speech/model' */
export function rulesOf({ models }: Pick<Studio, 'models'>, model: string): ModelRules {
  const rules = models.find(({ id }) => id === model);
  if (!rules) throw new AppError('speech/model', { model });
  return rules;
}

/** A transaction, or the database itself. */
export type Writer = Pick<Queries, 'insert' | 'update' | 'select' | 'delete' | 'execute'>;

/** Paid work goes on when whoever asked has left; it ends within this time all the same. ms */
const MOST_MS = 120_000;
export const untilDone = (): AbortSignal => AbortSignal.timeout(MOST_MS);
