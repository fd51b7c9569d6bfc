/** What the emulator takes: the documented parameters and limits, and which model takes which. Source: StepFun API reference, September 2026. */
import { z } from 'zod';
import { badRequest, censored } from './refusal.ts';

const SPEAKING_MODELS = ['stepaudio-3-tts', 'stepaudio-2.5-tts', 'step-tts-2', 'step-tts-mini', 'step-tts-vivid'] as const;
const CLONING_MODELS = ['stepaudio-2.5-tts', 'step-tts-2', 'step-tts-mini'] as const;
const MOST_INSTRUCTION: Readonly<Record<string, number>> = { 'stepaudio-2.5-tts': 200, 'stepaudio-3-tts': 500 };
export const MOST_INPUT = 1000;
/** A text with it is blocked, so that this answer can be looked at. */
export const CENSORED_PHRASE = 'emulator-censorship-test';

const options = {
  response_format: z.enum(['wav', 'mp3', 'flac', 'opus', 'pcm']).default('mp3'),
  speed: z.number().min(0.5).max(2).default(1), volume: z.number().min(0.1).max(2).default(1),
  voice_label: z.object({ language: z.string().optional(), emotion: z.string().optional(), style: z.string().optional() }).optional(),
  instruction: z.string().optional(),
  sample_rate: z.union([z.literal(8000), z.literal(16000), z.literal(22050), z.literal(24000), z.literal(48000)]).default(24000),
  pronunciation_map: z.object({ tone: z.array(z.string()) }).optional(), markdown_filter: z.boolean().default(false),
};

export const speechRequest = z.object({
  model: z.enum(SPEAKING_MODELS), input: z.string().min(1), voice: z.string().min(1), ...options,
  text_normalization: z.enum(['standard', 'enhanced']).default('standard'),
  stream_format: z.enum(['audio', 'sse']).default('audio'), return_url: z.boolean().default(false), timestamp: z.boolean().default(false),
});
export const previewRequest = z.object({ model: z.enum(CLONING_MODELS), file_id: z.string().min(1), sample_text: z.string().min(1).max(50), text: z.string().optional(), ...options });
export const cloneRequest = z.object({ model: z.enum(CLONING_MODELS), file_id: z.string().min(1), text: z.string().optional(), sample_text: z.string().max(50).optional() });
export const listRequest = z.object({ limit: z.coerce.number().int().min(1).max(100).default(20), order: z.enum(['asc', 'desc']).default('desc'), before: z.string().optional(), after: z.string().optional() });

export function parsed<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw badRequest(`${issue?.path.join('.') ?? ''} is invalid: ${issue?.message ?? 'not understood'}`);
}

export interface Manner {
  /** Voice of the synthesiser, or null. */
  readonly language: string | null;
  readonly pace: number;
  readonly lift: number;
}

const LANGUAGES: Readonly<Record<string, string>> = { 粤语: 'yue', 四川话: 'cmn', 日语: 'ja', Cantonese: 'yue', Sichuanese: 'cmn', Japanese: 'ja' };
/** Pace and height of what can be shown by them. */
const MANNERS: Readonly<Record<string, readonly [pace: number, lift: number]>> = {
  慢速: [0.8, 1], 极慢: [0.65, 1], 快速: [1.25, 1], 极快: [1.5, 1], 高兴: [1.08, 1.12], 非常高兴: [1.15, 1.2], 悲伤: [0.85, 0.9], 生气: [1.1, 1.08], 非常生气: [1.2, 1.15],
  撒娇: [0.95, 1.18], 恐惧: [1.15, 1.15], 惊讶: [1.05, 1.2], 兴奋: [1.2, 1.15], 老年: [0.8, 0.85], 严肃: [0.92, 0.92], 温柔: [0.92, 1.03],
};

/** Whether this model takes these, and what they come to. */
export function mannerOf({ model, voice_label, instruction }: { readonly model: string; readonly voice_label?: z.output<typeof speechRequest>['voice_label']; readonly instruction?: string | undefined }): Manner {
  const most = MOST_INSTRUCTION[model];
  if (voice_label && most !== undefined) throw badRequest('voice_label is not supported for v2 models');
  if (instruction !== undefined && most === undefined) throw badRequest(`instruction is not supported for ${model}`);
  if (instruction !== undefined && [...instruction].length > most!) throw badRequest(`instruction exceeds ${most} characters`);
  const labels = Object.entries(voice_label ?? {}).filter(([, value]) => value);
  if (labels.length > 1) throw badRequest('only one of language, emotion and style can be set');
  const [kind, value] = labels[0] ?? [];
  if (kind === 'language' && !(value! in LANGUAGES)) throw badRequest(`voice_label.language ${value} is invalid`);
  const [pace, lift] = (value !== undefined && MANNERS[value]) || [1, 1];
  return { language: kind === 'language' ? LANGUAGES[value!]! : null, pace, lift };
}

/** The text as it is said: without instructions in brackets, without Markdown, with replacements. */
export function saidText(text: string, { model, markdown_filter, pronunciation_map }: Pick<z.output<typeof previewRequest>, 'markdown_filter' | 'pronunciation_map'> & { readonly model: string }): string {
  if (text.includes(CENSORED_PHRASE)) throw censored();
  let said = text;
  if (MOST_INSTRUCTION[model] !== undefined) said = said.replace(/\([^()]*\)|（[^（）]*）/g, ' ');
  if (markdown_filter) said = said.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[*_`#>~]+/g, ' ');
  for (const rule of pronunciation_map?.tone ?? []) {
    const [word, sound] = rule.split('/');
    if (word && sound) said = said.replaceAll(word, sound);
  }
  return said.trim();
}

const PART_CHARACTERS = 200;

/** What is spoken at a time: the first sentence alone, so that it is heard soon; then as many as fit, since each time costs a start. */
export function partsOf(text: string): string[] {
  const [first, ...rest] = sentencesOf(text);
  const parts: string[] = [];
  for (const sentence of rest) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + sentence.length < PART_CHARACTERS) parts[parts.length - 1] = `${last} ${sentence}`;
    else parts.push(sentence);
  }
  return first === undefined ? [] : [first, ...parts];
}

/** Sentences with their marks. Source of the marks: the page of streaming synthesis. */
export const sentencesOf = (text: string): string[] => text.match(/[^。！？!?.\n]+[。！？!?.\n]*/g)?.map((sentence) => sentence.trim()).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence)) ?? [];
