/**
 * `style_params`: the style as it travels: snake_case with the unit in the name; the same in exported presets, the API
 * and the command line. Ranges come from shared/params. The published JSON Schema is derived from `styleParamsSchema`;
 * `style-document.ts` goes there and back.
 */
import { z } from 'zod';
import { compressor } from './params/compressor.ts';
import { type Effect, isAsset, isChoice, type Parameter, type Parameters } from './params/effect.ts';
import { equalizer } from './params/equalizer.ts';
import { exciter } from './params/exciter.ts';
import { limiter } from './params/limiter.ts';
import { loudness } from './params/loudness.ts';
import { matchFir } from './params/match-fir.ts';
import { pitchShift } from './params/pitch-shift.ts';
import { reverb } from './params/reverb.ts';
import { stereoWidth } from './params/stereo-width.ts';
import { REASONS } from './reasons.ts';
import { STYLE_VERSION } from './style.ts';

export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

function parameterSchema(parameter: Parameter): z.ZodType {
  if (isChoice(parameter)) return z.enum(parameter.choices as [string, ...string[]]).default(parameter.default);
  if (isAsset(parameter)) return sha256.nullable().default(null);
  return z.number().min(parameter.min).max(parameter.max).default(parameter.default).describe(parameter.unit);
}

const shapeOf = (parameters: Parameters): Record<string, z.ZodType> =>
  Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [snakeCase(name), parameterSchema(parameter)]));

const reasonSchema = z
  .object({
    code: z.string(),
    args: z.record(z.string(), z.union([z.number(), z.string()])).default({}),
    text: z.string().default('').describe('The reason as an English sentence'),
  })
  .describe('Why the values are what they are');

const intervalSchema = z
  .record(z.string(), z.tuple([z.number(), z.number()]))
  .describe('90 % interval by parameter name; bands.<i>.<name> for a band');

/** What every module carries beside its values. */
const moduleShape = {
  enabled: z.boolean().default(true),
  intensity: z.number().min(0).max(1).default(1),
  status: z.enum(['estimated', 'neutral', 'not-identifiable', 'manual']).default('manual'),
  confidence: z.number().min(0).max(1).nullable().default(null),
  interval: intervalSchema.default({}),
  reason: reasonSchema.default({ code: 'module/by-hand', args: {}, text: REASONS['module/by-hand'] }),
};

const sectionOf = (effect: Effect) =>
  z.object({
    ...shapeOf(effect.parameters),
    ...(effect.bands ? { bands: z.array(z.object(shapeOf(effect.bands.parameters))).max(effect.bands.max).default([]) } : {}),
    ...moduleShape,
  });

const eqBandSchema = z.object({
  ...shapeOf(equalizer.bands.parameters),
  enabled: moduleShape.enabled,
  intensity: moduleShape.intensity,
  interval: moduleShape.interval,
  reason: moduleShape.reason,
});

const { min: minWidth, max: maxWidth } = stereoWidth.parameters.widthMid;

const stereoSchema = z.object({
  width: z.number().min(minWidth).max(maxWidth).describe('Side gain; 1 leaves the width alone'),
  bands: z
    .object({
      crossovers_hz: z.tuple([z.number(), z.number()]),
      widths: z.tuple([0, 1, 2].map(() => z.number().min(minWidth).max(maxWidth)) as [z.ZodNumber, z.ZodNumber, z.ZodNumber]),
    })
    .optional()
    .describe('Width per band, where fitted; `width` is then the middle one'),
  ...moduleShape,
});

const irSchema = z.object({
  sample_rate_hz: z.number().min(8000).max(192000),
  channels: z.union([z.literal(1), z.literal(2), z.literal(4)]),
  frames: z.number().int().min(1),
  encoding: z.literal('f32le-base64').describe('Planar: one channel after the other'),
  data: z.string(),
});

export const styleParamsSchema = z
  .object({
    $schema: z.string().optional(),
    version: z.literal(STYLE_VERSION),
    mode: z.enum(['A', 'B']).default('B').describe('A: same performance, before and after. B: different recordings'),
    engine: z.string().default('').describe('SHA-256 of the engine that estimated it'),
    sources: z
      .object({ reference: sha256.nullable().default(null), target: sha256.nullable().default(null) })
      .default({ reference: null, target: null })
      .describe('SHA-256 of the recordings it was estimated from'),
    intensity: z.number().min(0).max(1).default(1),
    pitch: sectionOf(pitchShift).optional(),
    eq: z.array(eqBandSchema).max(equalizer.bands.max).default([]),
    eq_module: z.object(moduleShape).optional().describe('State of the equalizer as a whole'),
    match_fir: sectionOf(matchFir).optional(),
    dynamics: sectionOf(compressor).optional(),
    exciter: sectionOf(exciter).optional(),
    stereo: stereoSchema.optional(),
    reverb: sectionOf(reverb).optional(),
    lufs: sectionOf(loudness).optional(),
    limiter: sectionOf(limiter).optional(),
    irs: z.record(sha256, irSchema).default({}).describe('Impulse responses by the SHA-256 of their bytes'),
  })
  .describe('Tonetwin style_params, version 1');

export type StyleParams = z.output<typeof styleParamsSchema>;
/** What every section carries beside its values. */
export type SectionState = z.output<z.ZodObject<typeof moduleShape>>;

export const STYLE_PARAMS_SCHEMA_PATH = '/schemas/style-params-1.json';

/** The JSON Schema of what is read: everything with a default may be left out. */
export const styleParamsJsonSchema = (): object => ({
  $id: STYLE_PARAMS_SCHEMA_PATH,
  title: 'Tonetwin style_params',
  ...z.toJSONSchema(styleParamsSchema, { io: 'input' }),
});
