/**
 * `style_params`: the style as it travels: snake_case with the unit in the name; the same in exported presets, the API
 * and the command line. Ranges come from shared/params. The published JSON Schema is derived from `styleParamsSchema`.
 */
import { z } from 'zod';
import { AppError, fillSentence } from './errors.ts';
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
import { REASONS, type Reason, type ReasonCode } from './reasons.ts';
import {
  type ImpulseResponse,
  type Interval,
  type Module,
  type ModuleName,
  neutralStyle,
  STYLE_VERSION,
  type Style,
  type StyleModules,
} from './style.ts';

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
type Section = Record<string, unknown> & z.output<z.ZodObject<typeof moduleShape>>;

export const STYLE_PARAMS_SCHEMA_PATH = '/schemas/style-params-1.json';

/** The JSON Schema of what is read: everything with a default may be left out. */
export const styleParamsJsonSchema = (): object => ({
  $id: STYLE_PARAMS_SCHEMA_PATH,
  title: 'Tonetwin style_params',
  ...z.toJSONSchema(styleParamsSchema, { io: 'input' }),
});

/** Modules whose section is derived from their effect alone. */
const PLAIN_MODULES = {
  pitch: { key: 'pitch', effect: pitchShift },
  matchFir: { key: 'match_fir', effect: matchFir },
  dynamics: { key: 'dynamics', effect: compressor },
  exciter: { key: 'exciter', effect: exciter },
  reverb: { key: 'reverb', effect: reverb },
  lufs: { key: 'lufs', effect: loudness },
  limiter: { key: 'limiter', effect: limiter },
} as const satisfies Partial<Record<ModuleName, { key: keyof StyleParams; effect: Effect }>>;

const snakeKeys = (values: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [snakeCase(name), value]));

/** `bands.0.gainDb` <-> `bands.0.gain_db`. */
const snakeIntervals = (intervals: Record<string, Interval>): Record<string, [number, number]> =>
  Object.fromEntries(Object.entries(intervals).map(([path, [low, high]]) => [snakeCase(path), [low, high]]));

const camelCase = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const reasonToDocument = ({ code, args }: Reason) => ({ code, args: { ...args }, text: fillSentence(REASONS[code], args) });

const reasonFromDocument = (reason: { code: string; args: Record<string, number | string> }): Reason =>
  reason.code in REASONS ? { code: reason.code as ReasonCode, args: reason.args } : { code: 'module/by-hand', args: {} };

const moduleToDocument = (module: Module<unknown>) => ({
  enabled: module.enabled,
  intensity: module.intensity,
  status: module.status,
  confidence: module.confidence,
  interval: snakeIntervals(module.intervals),
  reason: reasonToDocument(module.reason),
});

const moduleFromDocument = (section: z.output<z.ZodObject<typeof moduleShape>>): Omit<Module<never>, 'values'> => ({
  enabled: section.enabled,
  intensity: section.intensity,
  status: section.status,
  confidence: section.confidence,
  intervals: Object.fromEntries(Object.entries(section.interval).map(([path, interval]) => [camelCase(path), interval])),
  reason: reasonFromDocument(section.reason),
});

function plainToDocument(module: Module<object>): Section {
  const { bands, ...scalars } = module.values as { bands?: object[] };
  return { ...snakeKeys(scalars), ...(bands ? { bands: bands.map(snakeKeys) } : {}), ...moduleToDocument(module) } as Section;
}

function plainFromDocument(section: Section, effect: Effect): Module<object> {
  const pick = (parameters: Parameters, row: Record<string, unknown>) =>
    Object.fromEntries(Object.keys(parameters).map((name) => [name, row[snakeCase(name)]]));
  const bands = effect.bands
    ? { bands: (section['bands'] as Record<string, unknown>[]).map((band) => pick(effect.bands!.parameters, band)) }
    : {};
  return { ...moduleFromDocument(section), values: { ...pick(effect.parameters, section), ...bands } };
}

function eqToDocument(module: StyleModules['eq']): StyleParams['eq'] {
  return module.values.bands.map((band, index) => ({
    ...snakeKeys(band),
    enabled: module.enabled,
    intensity: module.intensity,
    interval: snakeIntervals(
      Object.fromEntries(
        Object.entries(module.intervals)
          .filter(([path]) => path.startsWith(`bands.${index}.`))
          .map(([path, interval]) => [path.slice(`bands.${index}.`.length), interval]),
      ),
    ),
    reason: reasonToDocument(module.reason),
  })) as StyleParams['eq'];
}

/** Bands switched off are left out; differing intensities are folded into the gains. */
function eqFromDocument(document: StyleParams): StyleModules['eq'] {
  const live = document.eq.filter((band) => band.enabled);
  const kept = live.length > 0 ? live : document.eq;
  const intensity = document.eq_module?.intensity ?? Math.max(0, ...kept.map((band) => band.intensity), kept.length > 0 ? 0 : 1);
  const base: Omit<Module<never>, 'values'> = document.eq_module
    ? moduleFromDocument(document.eq_module)
    : { enabled: live.length > 0, intensity, status: 'manual', confidence: null, intervals: {}, reason: { code: 'module/by-hand', args: {} } };
  const intervals: Record<string, Interval> = {};
  const bands = kept.map((band, index) => {
    for (const [name, interval] of Object.entries(band.interval)) intervals[`bands.${index}.${camelCase(name)}`] = interval;
    const row = band as unknown as { type: string; f_hz: number; q: number; gain_db: number; intensity: number };
    const share = intensity > 0 ? row.intensity / intensity : 1;
    return { type: row.type, fHz: row.f_hz, q: row.q, gainDb: row.gain_db * share } as StyleModules['eq']['values']['bands'][number];
  });
  return { ...base, intervals, values: { bands } };
}

function stereoToDocument(module: StyleModules['stereo']): NonNullable<StyleParams['stereo']> {
  const { crossover1Hz, crossover2Hz, widthLow, widthMid, widthHigh } = module.values;
  const isUniform = widthLow === widthMid && widthMid === widthHigh;
  return {
    width: widthMid,
    ...(isUniform ? {} : { bands: { crossovers_hz: [crossover1Hz, crossover2Hz], widths: [widthLow, widthMid, widthHigh] } }),
    ...moduleToDocument(module),
  };
}

function stereoFromDocument(section: NonNullable<StyleParams['stereo']>): StyleModules['stereo'] {
  const { crossover1Hz, crossover2Hz } = stereoWidth.parameters;
  const [low, high] = section.bands?.crossovers_hz ?? [crossover1Hz.default, crossover2Hz.default];
  const [widthLow, widthMid, widthHigh] = section.bands?.widths ?? [section.width, section.width, section.width];
  return { ...moduleFromDocument(section), values: { crossover1Hz: low, crossover2Hz: high, widthLow, widthMid, widthHigh } };
}

function bytesToBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

function irToDocument(ir: ImpulseResponse): StyleParams['irs'][string] {
  const frames = ir.channels[0]?.length ?? 0;
  const planar = new DataView(new ArrayBuffer(ir.channels.length * frames * 4));
  ir.channels.forEach((channel, c) => channel.forEach((value, i) => planar.setFloat32((c * frames + i) * 4, value, true)));
  return {
    sample_rate_hz: ir.sampleRate,
    channels: ir.channels.length as 1 | 2 | 4,
    frames,
    encoding: 'f32le-base64',
    data: bytesToBase64(new Uint8Array(planar.buffer)),
  };
}

function irFromDocument(key: string, ir: StyleParams['irs'][string]): ImpulseResponse {
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(ir.data), (letter) => letter.charCodeAt(0));
  } catch (cause) {
    throw new AppError('style/invalid', { detail: `irs.${key}: not base64` }, { cause });
  }
  if (bytes.length !== ir.channels * ir.frames * 4) {
    throw new AppError('style/invalid', { detail: `irs.${key}: ${bytes.length} bytes for ${ir.channels} x ${ir.frames} frames` });
  }
  const view = new DataView(bytes.buffer);
  const channels = Array.from({ length: ir.channels }, (_, c) =>
    Float32Array.from({ length: ir.frames }, (_, i) => view.getFloat32((c * ir.frames + i) * 4, true)),
  );
  if (channels.some((channel) => channel.some((value) => !Number.isFinite(value)))) {
    throw new AppError('style/invalid', { detail: `irs.${key}: samples that are not numbers` });
  }
  return { sampleRate: ir.sample_rate_hz, channels };
}

/** The style in its travelling form. */
export function styleToDocument(style: Style): StyleParams {
  const plain = Object.entries(PLAIN_MODULES)
    .filter(([name]) => name !== 'matchFir' || style.modules.matchFir.values.irKey !== null)
    .map(([name, { key }]) => [key, plainToDocument(style.modules[name as ModuleName])]);
  return {
    $schema: STYLE_PARAMS_SCHEMA_PATH,
    version: style.version,
    mode: style.mode,
    engine: style.engine,
    sources: { ...style.sources },
    intensity: style.intensity,
    ...(Object.fromEntries(plain) as object),
    eq: eqToDocument(style.modules.eq),
    eq_module: moduleToDocument(style.modules.eq),
    stereo: stereoToDocument(style.modules.stereo),
    irs: Object.fromEntries(Object.entries(style.irs).map(([key, ir]) => [key, irToDocument(ir)])),
  };
}

/**
 * Reads a preset. What a document leaves out is off.
 * @param json what `JSON.parse` gave
 * @throws AppError 'style/invalid' with the first thing that is wrong, 'style/newer'
 */
export function styleFromDocument(json: unknown): Style {
  const version = typeof json === 'object' && json !== null ? (json as { version?: unknown }).version : undefined;
  if (typeof version === 'number' && version > STYLE_VERSION) throw new AppError('style/newer');
  const parsed = styleParamsSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AppError('style/invalid', { detail: issue ? `${issue.path.join('.') || 'document'}: ${issue.message}` : 'document' });
  }
  const document = parsed.data;
  const style = neutralStyle(document.engine, document.mode);
  style.sources = document.sources;
  style.intensity = document.intensity;
  style.irs = Object.fromEntries(Object.entries(document.irs).map(([key, ir]) => [key, irFromDocument(key, ir)]));
  const modules = style.modules as Record<ModuleName, Module<object>>;
  for (const [name, { key, effect }] of Object.entries(PLAIN_MODULES)) {
    const section = document[key] as Section | undefined;
    if (section) modules[name as ModuleName] = plainFromDocument(section, effect);
  }
  style.modules.eq = eqFromDocument(document);
  if (document.stereo) style.modules.stereo = stereoFromDocument(document.stereo);
  for (const { irKey } of [style.modules.reverb.values, style.modules.matchFir.values]) {
    if (irKey !== null && !(irKey in style.irs)) throw new AppError('style/invalid', { detail: `irs.${irKey} is missing` });
  }
  return style;
}
