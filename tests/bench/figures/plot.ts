/** A plot as SVG: lines, dots and bars over two axes, small, and legible on a light page and on a dark one. */

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Octaves are equally wide. */
  readonly isLog?: boolean;
  /** Where a value is written; `written` says how, where it is not the number itself. */
  readonly ticks: readonly number[];
  readonly written?: (value: number) => string;
}

export type Point = readonly [x: number, y: number];

/** Told apart by colour and, for those who see no colours, by stroke. */
export type Role = 'truth' | 'reference' | 'target' | 'result' | 'raw';

interface Common {
  readonly role: Role;
  /** In the legend; left out, the mark is not in it. */
  readonly name?: string;
}

export type Mark =
  | (Common & { readonly kind: 'line'; readonly points: readonly Point[] })
  | (Common & { readonly kind: 'dots'; readonly points: readonly Point[] })
  /** Lying bars from the left edge, each at its y. */
  | (Common & { readonly kind: 'bars'; readonly points: readonly Point[] })
  /** Words in the plot, ending at a point. */
  | (Common & { readonly kind: 'note'; readonly at: Point; readonly text: string })
  /** A straight line all over, at one x or one y. */
  | (Common & { readonly kind: 'level'; readonly x?: number; readonly y?: number });

export interface Plot {
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: readonly Mark[];
}

const WIDTH = 480;
const HEIGHT = 200;
/** Room for what is written around the axes; on the left at least this. */
const EDGE = { left: 44, right: 14, top: 22, bottom: 36 } as const;
const MOST_POINTS = 160;
/** Mean width of a letter. */
const LETTER = 6;

/** Middle grey: 4 to 1 and more against white and against near black. */
const GREY = '#788089';
/** Blue, vermilion and green that no common colour blindness mixes up (after Okabe and Ito, "Color universal design"). */
const STROKES: Readonly<Record<Role, { readonly colour: string; readonly width: number; readonly dash?: string }>> = {
  truth: { colour: GREY, width: 4.5 },
  raw: { colour: GREY, width: 1 },
  target: { colour: '#009e73', width: 1.6, dash: '2 2.5' },
  reference: { colour: '#d55e00', width: 1.8, dash: '7 3' },
  result: { colour: '#2e86de', width: 2 },
};

const short = (value: number): string => String(Math.round(value * 10) / 10);
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Place of a value between the ends of its axis, 0 to 1. @throws Error where it is none */
function placeOf({ label, from, to, isLog }: Axis, value: number): number {
  if (Number.isNaN(value)) throw new Error(`A value of the axis "${label}" is not a number.`);
  const place = isLog ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
  return Math.max(0, Math.min(1, place));
}

const writtenAt = (axis: Axis, value: number): string => axis.written?.(value) ?? String(value).replace('-', '\u2212');

function sketch({ x, y }: Plot) {
  const [right, bottom] = [WIDTH - EDGE.right, HEIGHT - EDGE.bottom];
  const longest = Math.max(0, ...y.ticks.map((value) => writtenAt(y, value).length));
  const left = Math.max(EDGE.left, (y.label === '' ? 8 : 22) + longest * LETTER);
  return {
    left,
    right,
    bottom,
    atX: (value: number): number => left + placeOf(x, value) * (right - left),
    atY: (value: number): number => bottom - placeOf(y, value) * (bottom - EDGE.top),
  };
}

/** A long line keeps every n-th point and its last. */
const thinned = (points: readonly Point[]): readonly Point[] => {
  const step = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, k) => k % step === 0 || k === points.length - 1);
};

function drawnAxes(plot: Plot): string[] {
  const { x, y } = plot;
  const { left, right, bottom, atX, atY } = sketch(plot);
  return [
    ...x.ticks.flatMap((value) => [
      `<path class="grid" d="M${short(atX(value))} ${EDGE.top}V${bottom}"/>`,
      `<text x="${short(atX(value))}" y="${bottom + 13}" text-anchor="middle">${escaped(writtenAt(x, value))}</text>`,
    ]),
    ...y.ticks.flatMap((value) => [
      `<path class="grid" d="M${left} ${short(atY(value))}H${right}"/>`,
      `<text x="${left - 5}" y="${short(atY(value) + 3.5)}" text-anchor="end">${escaped(writtenAt(y, value))}</text>`,
    ]),
    `<path class="frame" d="M${left} ${EDGE.top}V${bottom}H${right}"/>`,
    `<text x="${(left + right) / 2}" y="${HEIGHT - 5}" text-anchor="middle">${escaped(x.label)}</text>`,
    `<text transform="translate(11 ${(EDGE.top + bottom) / 2})rotate(-90)" text-anchor="middle">${escaped(y.label)}</text>`,
  ];
}

function drawnMark(plot: Plot, mark: Mark): string {
  const { left, right, bottom, atX, atY } = sketch(plot);
  switch (mark.kind) {
    case 'line':
      return `<polyline class="${mark.role}" points="${thinned(mark.points).map(([x, y]) => `${short(atX(x))},${short(atY(y))}`).join(' ')}"/>`;
    case 'dots': {
      const { colour } = STROKES[mark.role];
      const circles = mark.points.map(([x, y]) => `<circle cx="${short(atX(x))}" cy="${short(atY(y))}" r="${mark.role === 'truth' ? 5 : 3}"/>`);
      return `<g fill="${colour}" fill-opacity=".8">${circles.join('')}</g>`;
    }
    case 'bars':
      return `<g fill="${STROKES[mark.role].colour}">${mark.points.map(([x, y]) => `<rect x="${left}" y="${short(atY(y) - 6)}" width="${short(atX(x) - left)}" height="12" rx="1.5"/>`).join('')}</g>`;
    case 'note':
      return `<text x="${short(atX(mark.at[0]))}" y="${short(atY(mark.at[1]))}" text-anchor="end">${escaped(mark.text)}</text>`;
    case 'level':
      return `<path class="${mark.role}" d="${mark.x === undefined ? `M${left} ${short(atY(mark.y!))}H${right}` : `M${short(atX(mark.x))} ${EDGE.top}V${bottom}`}"/>`;
    default:
      return mark satisfies never;
  }
}

function drawnLegend(plot: Plot): string[] {
  let at = sketch(plot).left;
  return plot.marks.flatMap((mark) => {
    if (mark.name === undefined) return [];
    const { colour } = STROKES[mark.role];
    const isLine = mark.kind === 'line' || mark.kind === 'level';
    const sample = isLine ? `<path class="${mark.role}" d="M${short(at)} 9h20"/>` : `<circle cx="${short(at + 10)}" cy="9" r="4" fill="${colour}"/>`;
    const text = `<text x="${short(at + 25)}" y="12.5">${escaped(mark.name)}</text>`;
    at += 25 + mark.name.length * LETTER + 14;
    return [sample, text];
  });
}

/**
 * @param title what a screen reader says, and a pointer shows
 * @returns an SVG document, 480 x 200; the same plot gives the same text
 */
export function svgOf(title: string, plot: Plot): string {
  const roles = [...new Set(plot.marks.map(({ role }) => role))];
  const styles = roles.map((role) => {
    const { colour, width, dash } = STROKES[role];
    return `.${role}{stroke:${colour};stroke-width:${width}${dash ? `;stroke-dasharray:${dash}` : ''}${role === 'truth' ? ';opacity:.55' : ''}}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>text{font:11px system-ui,sans-serif;fill:${GREY}}path,polyline{fill:none;stroke-linejoin:round}.grid{stroke:${GREY};stroke-width:.5;opacity:.35}.frame{stroke:${GREY}}${styles.join('')}</style>`,
    ...drawnAxes(plot),
    ...plot.marks.map((mark) => drawnMark(plot, mark)),
    ...drawnLegend(plot),
    '</svg>',
    '',
  ].join('\n');
}

/** Octaves of hearing. */
export const hertz = (from = 30, to = 20_000): Axis => ({
  label: 'frequency, Hz',
  from,
  to,
  isLog: true,
  ticks: [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000].filter((hz) => hz >= from && hz <= to),
  written: (hz) => (hz >= 1000 ? `${hz / 1000}k` : String(hz)),
});

/** A plain axis with a value written every `step`. */
export const evenly = (label: string, from: number, to: number, step: number): Axis => ({
  label,
  from,
  to,
  ticks: Array.from({ length: Math.floor((to - from) / step + 1e-9) + 1 }, (_, k) => Math.round((from + k * step) * 1e6) / 1e6),
});

/** Names from the top down, the first at y = 0. */
export const named = (names: readonly string[]): Axis => ({
  label: '',
  from: names.length - 0.5,
  to: -0.5,
  ticks: names.map((_, k) => k),
  written: (k) => names[k]!,
});
