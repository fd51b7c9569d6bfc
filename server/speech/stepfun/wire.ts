/**
 * The provider's own words: every field name of its API stands here and nowhere else.
 * Source: StepFun API reference (files, audio/voices, audio/voices/preview, audio/speech, audio/system_voices), June to September 2026.
 */
import { z } from 'zod';
import type { Manner, SpeakRequest, SystemVoice } from '../contract.ts';

export const fileAnswer = z.object({ id: z.string().min(1) });
export const voiceAnswer = z.object({ id: z.string().min(1), duplicated: z.boolean().optional() });
export const voiceList = z.object({ data: z.array(z.object({ id: z.string(), file_id: z.string() })), has_more: z.boolean().optional(), last_id: z.string().nullish() });
export const previewAnswer = z.object({ sample_audio: z.string().min(1) });
export const systemVoiceList = z.object({
  voices: z.array(z.string()),
  'voices-details': z.record(z.string(), z.object({ 'voice-name': z.string().optional(), 'voice-description': z.string().optional(), recommended_scene: z.string().optional() })).optional(),
});
export const errorAnswer = z.object({ error: z.object({ message: z.string().optional(), type: z.string().optional() }) });
export const streamEvent = z.object({ type: z.string(), audio: z.string().optional(), error: z.unknown().optional(), message: z.string().optional() });

/** Answers carry it; support asks for it. */
export const TRACE_HEADER = 'x-trace-id';
/** What the emulator says it is. */
export const EMULATOR_HEADER = 'x-speech-emulator';

const mannerFields = (manner: Manner): Readonly<Record<string, unknown>> => {
  switch (manner.kind) {
    case 'none':
      return {};
    case 'instruction':
      return { instruction: manner.instruction };
    case 'label':
      return { voice_label: manner.label };
    default:
      return manner satisfies never;
  }
};

export const speechBody = (request: SpeakRequest, streams: boolean): Readonly<Record<string, unknown>> => ({
  model: request.model, input: request.text, voice: request.voice,
  response_format: streams && request.format === 'wav' ? 'pcm' : request.format,
  sample_rate: request.sampleRate, speed: request.speed, volume: request.volume,
  ...(request.normalization === 'standard' ? {} : { text_normalization: request.normalization }),
  ...(request.filtersMarkdown ? { markdown_filter: true } : {}),
  ...(request.pronunciations.length > 0 ? { pronunciation_map: { tone: request.pronunciations } } : {}),
  ...mannerFields(request.manner),
  ...(streams ? { stream_format: 'sse' } : {}),
});

export const cloneBody = (model: string, fileId: string, transcript: string): Readonly<Record<string, unknown>> => ({ model, file_id: fileId, ...(transcript === '' ? {} : { text: transcript }) });

export const previewBody = (model: string, fileId: string, transcript: string, text: string): Readonly<Record<string, unknown>> => ({
  ...cloneBody(model, fileId, transcript), sample_text: text, response_format: 'wav',
});

/** The only model whose voices can be asked for. */
export const SYSTEM_VOICES_OF = 'step-tts-2';
const SCENES: Readonly<Record<string, string>> = { 有声书: 'audiobook', 情感陪伴: 'companion', 客服与业务办理: 'service', '口播（解说、新闻）': 'narration', 语音助手: 'assistant', 视频配音: 'dubbing', 教育与培训: 'education', 营销: 'marketing' };

/** Source of the models: the list of voices in the TTS guide; voices that speak English first, and these, are not known to the small model. */
const NOT_MINI = new Set(['zixinnansheng', 'shuangkuainansheng', 'ganliannvsheng', 'qinhenvsheng', 'huolinvsheng']);

export function systemVoicesOf(list: z.output<typeof systemVoiceList>): readonly SystemVoice[] {
  return list.voices.map((id) => {
    const { 'voice-name': name = '', 'voice-description': description = '', recommended_scene: scenes = '' } = list['voices-details']?.[id] ?? {};
    // Two have no words about them, and a name that says it: "yingwen".
    const isEnglish = description.includes('英文') || id.startsWith('yingwen');
    // A comma also stands inside of one scene's brackets.
    const tags = scenes.split(/、(?![^（]*）)/).flatMap((scene) => SCENES[scene] ?? []);
    if (description.startsWith('男')) tags.push('male');
    if (description.startsWith('女')) tags.push('female');
    const models = ['stepaudio-2.5-tts', SYSTEM_VOICES_OF, ...(isEnglish || NOT_MINI.has(id) ? [] : ['step-tts-mini'])];
    return { id, name: name || id, description, language: isEnglish ? 'en' : 'zh-CN', tags, models };
  });
}
