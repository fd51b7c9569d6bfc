/** From the style inside the product to `style_params` (`style-params.ts`) and back. */
import { AppError, fillSentence } from './errors.ts';
import { compressor } from './params/compressor.ts';
import type { Effect, Parameters } from './params/effect.ts';
import { exciter } from './params/exciter.ts';
import { limiter } from './params/limiter.ts';
import { loudness } from './params/loudness.ts';
import { matchFir } from './params/match-fir.ts';
import { pitchShift } from './params/pitch-shift.ts';
import { reverb } from './params/reverb.ts';
import { stereoWidth } from './params/stereo-width.ts';
import { REASONS, type Reason, type ReasonCode } from './reasons.ts';
import { type SectionState, snakeCase, STYLE_PARAMS_SCHEMA_PATH, type StyleParams, styleParamsSchema } from './style-params.ts';
import { type ImpulseResponse, type Interval, type Module, type ModuleName, neutralStyle, STYLE_VERSION, type Style, type StyleModules } from './style.ts';

type Section = Record<string, unknown> & SectionState;

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

const moduleFromDocument = (section: SectionState): Omit<Module<never>, 'values'> => ({
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
