/**
 * A style as a picture: the curve that its filters draw over the spectrum, and beneath it a small drawing of what else it does.
 * Shapes alone, so that it looks the same wherever it is drawn and no font is needed; figures on the axes are strokes.
 */
import { scaleCompressor } from './params/compressor.ts';
import { scaleExciter } from './params/exciter.ts';
import { scaleReverb } from './params/reverb.ts';
import { scaleStereoWidth } from './params/stereo-width.ts';
import { staticGainDb } from './compressor-curve.ts';
import type { Module, Style } from './style.ts';
import { styleResponseDb } from './style-response.ts';

/** The size that previews of links have everywhere (Open Graph: 1.91 to 1). */
export const PICTURE = { width: 1200, height: 630 } as const;

const COLOR = { back: '#0e1014', tile: '#16191f', line: '#2a2f39', faint: '#596273', curve: '#6aa6ff', second: '#f0a63a', third: '#43cfa4' } as const;
const SAMPLE_RATE = 48_000;
const LOWEST_HZ = 20;
const HIGHEST_HZ = 20_000;
const POINTS = 241;
/** The scale is the first of these that holds the curve, dB. */
const RANGES_DB = [6, 12, 24] as const;
const EDGE = 64;
const PLOT = { left: 120, right: PICTURE.width - EDGE, top: 136 } as const;
const TILE = { width: 200, height: 112, gap: 18, top: 454, pad: 18 } as const;

/** On a grid of 4 by 6. */
const GLYPHS: Readonly<Record<string, string>> = {
  0: 'M1 0h2l1 1v4l-1 1H1L0 5V1Z', 1: 'M1 1l1.5-1v6', 2: 'M0 1l1-1h2l1 1v1.2L0 6h4', 3: 'M0 0h4L1.8 2.4H3l1 1V5L3 6H1L0 5', 6: 'M3.5 0H2L0 2.5V5l1 1h2l1-1V3.6l-1-1H0',
  k: 'M0 0v6M3.5 2 0 4.3M1.4 3.5 4 6', '+': 'M0 3.3h4M2 1.3v4', '-': 'M0 3.3h4',
};
const GLYPH_STEP = 5.6;

const n = (value: number): string => String(Number(value.toFixed(1)));
const path = (points: readonly (readonly [x: number, y: number])[]): string => points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${n(x)} ${n(y)}`).join('');

function figures(text: string, x: number, y: number, anchor: 'middle' | 'end'): string {
  const scale = 2.8;
  const width = ((text.length - 1) * GLYPH_STEP + 4) * scale;
  const left = anchor === 'middle' ? x - width / 2 : x - width;
  const strokes = [...text].map((letter, i) => `<path transform="translate(${n(i * GLYPH_STEP)} 0)" d="${GLYPHS[letter] ?? ''}"/>`).join('');
  return `<g transform="translate(${n(left)} ${n(y - 3 * scale)}) scale(${scale})" fill="none" stroke="${COLOR.faint}" stroke-width=".9" stroke-linecap="round" stroke-linejoin="round">${strokes}</g>`;
}

const xOf = (hz: number): number => PLOT.left + ((PLOT.right - PLOT.left) * Math.log(hz / LOWEST_HZ)) / Math.log(HIGHEST_HZ / LOWEST_HZ);

function plot(style: Style, bottom: number): string {
  const hz = Array.from({ length: POINTS }, (_, k) => LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (k / (POINTS - 1)));
  const db = styleResponseDb(style, hz, SAMPLE_RATE);
  // A high or low pass falls without end: only what lies in the middle of hearing sets the scale.
  const shown = [...db].filter((_, k) => hz[k]! >= 50 && hz[k]! <= 14_000);
  const range = RANGES_DB.find((most) => shown.every((value) => Math.abs(value) <= most * 0.95)) ?? RANGES_DB.at(-1)!;
  const middle = (PLOT.top + bottom) / 2;
  const half = (bottom - PLOT.top) / 2;
  const yOf = (value: number): number => middle - (half * Math.max(-range, Math.min(range, value))) / range;
  const line = path(hz.map((f, k) => [xOf(f), yOf(db[k]!)] as const));
  const columns = [50, 100, 200, 500, 1000, 2000, 5000, 10_000].map((f) => `M${n(xOf(f))} ${PLOT.top}V${bottom}`).join('');
  const rows = [-range / 2, range / 2].map((value) => `M${PLOT.left} ${n(yOf(value))}H${PLOT.right}`).join('');
  const bands = style.modules.eq.enabled ? style.modules.eq.values.bands : [];
  const dots = bands
    .filter(({ fHz }) => fHz >= LOWEST_HZ && fHz <= HIGHEST_HZ)
    .map(({ fHz }) => `<circle cx="${n(xOf(fHz))}" cy="${n(yOf(styleResponseDb(style, [fHz], SAMPLE_RATE)[0]!))}" r="9" fill="${COLOR.back}" stroke="${COLOR.curve}" stroke-width="4"/>`);
  return [
    `<path d="${columns}${rows}" stroke="${COLOR.line}" stroke-width="1.5" fill="none"/>`,
    `<path d="M${PLOT.left} ${n(middle)}H${PLOT.right}" stroke="${COLOR.faint}" stroke-width="2" stroke-dasharray="2 9" stroke-linecap="round"/>`,
    `<path d="${line}L${PLOT.right} ${n(middle)}H${PLOT.left}Z" fill="${COLOR.curve}" fill-opacity=".16"/>`,
    `<path d="${line}" fill="none" stroke="${COLOR.curve}" stroke-width="6" stroke-linejoin="round" stroke-linecap="round"/>`,
    ...dots,
    figures(`+${range / 2}`, PLOT.left - 18, yOf(range / 2), 'end'), figures(`-${range / 2}`, PLOT.left - 18, yOf(-range / 2), 'end'), figures('0', PLOT.left - 18, middle, 'end'),
    ...([[100, '100'], [1000, '1k'], [10_000, '10k']] as const).map(([f, text]) => figures(text, xOf(f), bottom + 20, 'middle')),
  ].join('');
}

/** The inside of a tile: from 0 to `w` and 0 to `h`. */
type Drawing = (w: number, h: number) => string;

/** What of a module is heard: its own intensity times the style's; null where it is off. */
const heard = (style: Style, module: Module<unknown>): number | null => (module.enabled ? module.intensity * style.intensity : null);

function dynamics(style: Style, intensity: number): Drawing | null {
  const { bands } = scaleCompressor(style.modules.dynamics.values, intensity);
  if (bands.length === 0) return null;
  return (w, h) => {
    const scale = (db: number): number => (db + 60) / 60;
    const lines = bands.map((band) => path(Array.from({ length: 31 }, (_, k) => -60 + 2 * k).map((level) => [w * scale(level), h * (1 - Math.max(0, Math.min(1, scale(level + staticGainDb(level, { ...band, makeupDb: 0 })))))] as const)));
    return `<path d="M0 ${h}L${w} 0" stroke="${COLOR.faint}" stroke-width="2" stroke-dasharray="2 7" stroke-linecap="round"/>${lines.map((d) => `<path d="${d}" fill="none" stroke="${COLOR.second}" stroke-width="3.5" stroke-linejoin="round"/>`).join('')}`;
  };
}

function exciter(style: Style, intensity: number): Drawing | null {
  const { amount, even } = scaleExciter(style.modules.exciter.values, intensity);
  if (amount <= 0) return null;
  // A tone and its harmonics, the even ones as high as they are wanted.
  return (w, h) => {
    const heights = [1, ...[2, 3, 4, 5, 6].map((order) => Math.min(1, 0.25 + amount) * (order % 2 === 0 ? 0.35 + 0.65 * even : 1) * 0.72 ** (order - 2))];
    return heights.map((height, k) => `<path d="M${n((w * (k + 0.5)) / heights.length)} ${n(h)}V${n(h - Math.max(4, h * height))}" stroke="${k === 0 ? COLOR.faint : COLOR.second}" stroke-width="12" stroke-linecap="round"/>`).join('');
  };
}

function stereo(style: Style, intensity: number): Drawing | null {
  const { widthLow, widthMid, widthHigh } = scaleStereoWidth(style.modules.stereo.values, intensity);
  return (w, h) =>
    [widthHigh, widthMid, widthLow]
      .map((width, k) => {
        const half = (Math.min(2, width) / 2) * (w / 2);
        const y = n((h * (k + 0.5)) / 3);
        return `<path d="M${n(w / 2 - half)} ${y}H${n(w / 2 + half)}" stroke="${COLOR.third}" stroke-width="12" stroke-linecap="round"/>`;
      })
      .join('') + `<path d="M${n(w / 4)} 0V${n(h)}M${n((3 * w) / 4)} 0V${n(h)}" stroke="${COLOR.faint}" stroke-width="2" stroke-dasharray="2 7" stroke-linecap="round"/>`;
}

function reverb(style: Style, intensity: number): Drawing | null {
  const { irKey, mix } = scaleReverb(style.modules.reverb.values, intensity);
  const left = irKey === null ? undefined : style.irs[irKey]?.channels[0];
  if (!left || mix <= 0) return null;
  // The loudest sample of each stretch, in dB: a straight fall is an even decay.
  const stretches = 20;
  const peaks = Array.from({ length: stretches }, (_, k) => left.subarray(Math.floor((k * left.length) / stretches), Math.floor(((k + 1) * left.length) / stretches)).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9));
  const most = Math.max(...peaks);
  return (w, h) =>
    peaks.map((peak, k) => {
      const half = (h / 2) * Math.max(0.03, 1 + (20 * Math.log10(peak / most)) / 60);
      return `<path d="M${n((w * (k + 0.5)) / stretches)} ${n(h / 2 - half)}V${n(h / 2 + half)}" stroke="${COLOR.third}" stroke-width="4.5" stroke-linecap="round"/>`;
    }).join('');
}

function loudness({ modules: { lufs, limiter } }: Style): Drawing | null {
  if (!lufs.enabled && !limiter.enabled) return null;
  return (w, h) => {
    const at = (db: number): number => w * Math.max(0, Math.min(1, (db + 36) / 36));
    const bar = lufs.enabled ? `<path d="M0 ${n(h / 2)}H${n(Math.max(1, at(lufs.values.targetDb)))}" stroke="${COLOR.curve}" stroke-width="16" stroke-linecap="round"/>` : '';
    const ceiling = limiter.enabled ? `<path d="M${n(at(limiter.values.tpDb))} ${n(h * 0.16)}V${n(h * 0.84)}" stroke="${COLOR.second}" stroke-width="5" stroke-linecap="round"/>` : '';
    return `<path d="M0 ${n(h / 2)}H${n(w)}" stroke="${COLOR.line}" stroke-width="16" stroke-linecap="round"/>${bar}${ceiling}`;
  };
}

function tiles(style: Style): string[] {
  const { modules } = style;
  const of = (module: Module<unknown>, draw: (style: Style, intensity: number) => Drawing | null): Drawing | null => {
    const intensity = heard(style, module);
    return intensity === null ? null : draw(style, intensity);
  };
  const drawings = [of(modules.dynamics, dynamics), of(modules.exciter, exciter), of(modules.stereo, stereo), of(modules.reverb, reverb), loudness(style)].filter((drawing) => drawing !== null);
  return drawings.map((draw, k) => {
    const inside = draw(TILE.width - 2 * TILE.pad, TILE.height - 2 * TILE.pad);
    return `<g transform="translate(${EDGE + k * (TILE.width + TILE.gap)} ${TILE.top})"><rect width="${TILE.width}" height="${TILE.height}" rx="18" fill="${COLOR.tile}" stroke="${COLOR.line}" stroke-width="2"/><g transform="translate(${TILE.pad} ${TILE.pad})">${inside}</g></g>`;
  });
}

/** Tonetwin's two curves. */
const mark = `<g transform="translate(${EDGE} 44) scale(.9)" fill="none" stroke-width="5" stroke-linecap="round"><path d="M8 38c6 0 7-18 13-18s6 26 12 26 6-30 12-30 6 18 11 18" stroke="${COLOR.curve}"/><path d="M8 44c6 0 8-14 13-14s7 20 12 20 7-26 12-26 6 16 11 16" stroke="${COLOR.second}" stroke-opacity=".9"/></g>`;

/** @returns the text of an SVG of `PICTURE`'s size; the same for the same style */
export function stylePicture(style: Style): string {
  const below = tiles(style);
  const bottom = below.length > 0 ? 396 : 530;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${PICTURE.width} ${PICTURE.height}" width="${PICTURE.width}" height="${PICTURE.height}"><rect width="100%" height="100%" fill="${COLOR.back}"/>${mark}${plot(style, bottom)}${below.join('')}</svg>`;
}
