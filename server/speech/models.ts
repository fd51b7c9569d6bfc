/**
 * Which models there are and what each takes: checked before anything is paid. Models come and go with the provider, so an operator
 * can put another list in their place (STEPFUN_MODELS); this one is of September 2026.
 * Source: StepFun API reference, "create audio", "create voice" and "pricing"; voice labels from its TTS guide.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import type { Manner } from './contract.ts';

const EMOTIONS = ['高兴', '非常高兴', '悲伤', '生气', '非常生气', '撒娇', '恐惧', '惊讶', '兴奋', '钦佩', '困惑'];
const STYLES = ['慢速', '极慢', '快速', '极快', '冷漠', '尴尬', '沮丧'];
const MORE_STYLES = ['骄傲', '温柔', '甜美', '豪爽', '严肃', '傲慢', '老年', '吼叫', '阴阳怪气', '磕巴'];
const LANGUAGES = ['粤语', '四川话', '日语'];

const mannerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('instruction'), mostCharacters: z.number().int().min(1) }),
  z.object({ kind: z.literal('label'), languages: z.array(z.string()), emotions: z.array(z.string()), styles: z.array(z.string()) }),
  z.object({ kind: z.literal('none') }),
]);

/** In each region's own currency; null: not published. */
const pricesSchema = z.object({ com: z.number().nullable(), ai: z.number().nullable() });

export const modelSchema = z.object({
  id: z.string().min(1), name: z.string().min(1),
  canClone: z.boolean(), readsBrackets: z.boolean(),
  manner: mannerSchema,
  clonePrice: pricesSchema,
  /** For 10 000 characters. */
  speechPrice: pricesSchema,
});
export type ModelRules = z.output<typeof modelSchema>;

export const MODELS: readonly ModelRules[] = [
  { id: 'stepaudio-2.5-tts', name: 'StepAudio 2.5', canClone: true, readsBrackets: true, manner: { kind: 'instruction', mostCharacters: 200 }, clonePrice: { com: 9.9, ai: 1.5 }, speechPrice: { com: 5.8, ai: null } },
  // The pricing page has a price for its clones; the page on making them does not list it.
  { id: 'stepaudio-3-tts', name: 'StepAudio 3', canClone: false, readsBrackets: true, manner: { kind: 'instruction', mostCharacters: 500 }, clonePrice: { com: null, ai: null }, speechPrice: { com: 2.5, ai: null } },
  { id: 'step-tts-2', name: 'Step TTS 2', canClone: true, readsBrackets: false, manner: { kind: 'label', languages: LANGUAGES, emotions: EMOTIONS, styles: [...STYLES, ...MORE_STYLES] }, clonePrice: { com: 9.9, ai: 1.5 }, speechPrice: { com: 2.8, ai: null } },
  { id: 'step-tts-mini', name: 'Step TTS mini', canClone: true, readsBrackets: false, manner: { kind: 'label', languages: LANGUAGES, emotions: EMOTIONS, styles: STYLES }, clonePrice: { com: 9.9, ai: 1.5 }, speechPrice: { com: 0.9, ai: null } },
];

/** @throws AppError 'server/config' */
export function readModels(file: string): readonly ModelRules[] {
  try {
    return z.array(modelSchema).min(1).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new AppError('server/config', { name: 'STEPFUN_MODELS', detail: `"${file}" is no list of models` }, { cause });
  }
}

export interface Options {
  readonly text: string;
  readonly instruction?: string | undefined;
  readonly voice_label?: { readonly language: string } | { readonly emotion: string } | { readonly style: string } | undefined;
}

/** What is left of a text when (words in brackets), narrow or wide, are taken as instructions. */
export const spokenPart = (text: string): string => text.replace(/\([^()]*\)|（[^（）]*）/g, ' ').replace(/\s+/g, ' ').trim();

/** Has something that can be said: a letter or a digit of any script. */
const canBeSaid = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

/**
 * How this model is to be told what was asked for.
 * @throws AppError 'speech/option' for what it does not take, 'speech/nothing-to-say'
 */
export function mannerOf({ id: model, manner, readsBrackets }: ModelRules, { text, instruction, voice_label }: Options): Manner {
  const refuse = (detail: string): never => {
    throw new AppError('speech/option', { model, detail });
  };
  if (!canBeSaid(readsBrackets ? spokenPart(text) : text)) throw new AppError('speech/nothing-to-say');
  if (instruction !== undefined && manner.kind !== 'instruction') refuse('instruction');
  if (voice_label !== undefined && manner.kind !== 'label') refuse('voice_label');
  switch (manner.kind) {
    case 'instruction':
      if (instruction === undefined) return { kind: 'none' };
      if ([...instruction].length > manner.mostCharacters) refuse(`instruction: ${manner.mostCharacters} characters at most`);
      return { kind: 'instruction', instruction };
    case 'label': {
      if (voice_label === undefined) return { kind: 'none' };
      const [[kind, value]] = Object.entries(voice_label) as [['language' | 'emotion' | 'style', string]];
      const known = { language: manner.languages, emotion: manner.emotions, style: manner.styles }[kind];
      if (!known.includes(value)) refuse(`voice_label.${kind}: ${value}`);
      return { kind: 'label', label: voice_label };
    }
    case 'none':
      return { kind: 'none' };
    default:
      return manner satisfies never;
  }
}

/**
 * Characters as they are billed: a Chinese character is one, two Latin letters or two marks are one.
 * Source: StepFun pricing page.
 */
export function billedCharacters(text: string): number {
  let halves = 0;
  for (const letter of text.replace(/\s+/g, '')) halves += /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(letter) ? 2 : 1;
  return Math.ceil(halves / 2);
}
