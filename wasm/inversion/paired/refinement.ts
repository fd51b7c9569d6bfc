/** The chain as a whole: what was found step by step, turned together; and what else might be in it, tried. */
import type { CompressorValues } from '../../../shared/params/compressor.ts';
import type { ExciterValues } from '../../../shared/params/exciter.ts';
import { neutralStyle, type Style, type StyleModules } from '../../../shared/style.ts';
import type { JointFit, JointProblem } from './joint-fit.ts';
import { intervalsOf } from './joint-intervals.ts';
import { estimated, rounded, unchanged } from './modules.ts';

/** A look at one setting must bring the sound this much nearer before it is turned, and the best one this much. */
const PROMISING = 0.985;
const WORTH = 0.96;
/** A second start is tried where it is about as near and more than an octave apart. */
const NEAR = 1.25;
/** A distance that leaves nothing for an exciter to explain: makers of one equalizer differ by as much. */
const UNHEARD = 0.02;
/** Turns that bring less than this share of the distance are the last: nobody hears what follows. */
const TOLERANCE = 0.015;
const FIRST_TURNS = 3;
const LAST_TURNS = 6;

/** Settings that between them show most exciters (a band's harmonics) and saturators (everything's; from a place with a slope). */
const LOOKS: readonly ExciterValues[] = [
  { fHz: 3000, driveDb: 12, even: 0.2, amount: 0.4 },
  { fHz: 6500, driveDb: 12, even: 0.2, amount: 0.4 },
  { fHz: 6500, driveDb: 24, even: 0.5, amount: 1 },
  { fHz: 1200, driveDb: 12, even: 0.6, amount: 0.25 },
  { fHz: 200, driveDb: 6, even: 0.2, amount: 0.25 },
  { fHz: 150, driveDb: 6, even: 0.8, amount: 1.2 },
  { fHz: 50, driveDb: 6, even: 0, amount: 0.9 },
  { fHz: 50, driveDb: 18, even: 0.2, amount: 0.9 },
  { fHz: 50, driveDb: 12, even: 0.8, amount: 0.9 },
];

const withExciter = (modules: StyleModules, values: ExciterValues): StyleModules => ({ ...modules, exciter: { ...modules.exciter, enabled: true, values } });

/** @returns the fit with an exciter, where one is worth it */
async function exciting(problem: JointProblem, style: Style, plain: JointFit, isLimited: boolean): Promise<JointFit | null> {
  if (plain.after < UNHEARD) return null;
  const { dynamics } = plain.modules;
  // What a saturator does to the level may have been taken for a compressor.
  const bases = dynamics.enabled ? [plain.modules, { ...plain.modules, dynamics: unchanged(neutralStyle(style.engine, style.mode).modules.dynamics.values, 0.5) }] : [plain.modules];
  const looks: { modules: StyleModules; fHz: number; distance: number }[] = [];
  for (const base of bases) {
    const settings = LOOKS.map((values) => withExciter(base, values));
    const distances = await problem.distances(style, settings, 'exciter');
    looks.push(...settings.map((modules, i) => ({ modules, fHz: LOOKS[i]!.fHz, distance: distances[i]! })));
  }
  looks.sort((a, b) => a.distance - b.distance);
  const [first] = looks;
  const other = looks.find((l) => Math.abs(Math.log2(l.fHz / first!.fHz)) > 1 && l.distance < NEAR * first!.distance);
  let best: JointFit | null = null;
  for (const look of [first!, ...(other ? [other] : [])]) {
    if (look.distance > PROMISING * plain.after) continue;
    const fit = await problem.fit(style, look.modules, { isLimited, iterations: FIRST_TURNS, ...(best && { toBeat: best.after }) });
    if (!best || fit.after < best.after) best = fit;
  }
  return best && best.after < WORTH * plain.after ? best : null;
}

/** The nearest start in bands, turned: from the first estimates, which the starts were measured behind. */
async function inBands(problem: JointProblem, style: Style, apart: readonly CompressorValues[], isLimited: boolean, plain: JointFit): Promise<JointFit | null> {
  const { dynamics } = style.modules;
  const starts = apart.map((values): StyleModules => ({ ...style.modules, dynamics: { ...dynamics, enabled: true, values } }));
  if (starts.length === 0) return null;
  const distances = await problem.distances(style, starts, 'dynamics');
  const nearest = starts[distances.indexOf(Math.min(...distances))]!;
  return problem.fit(style, nearest, { isLimited, iterations: LAST_TURNS, tolerance: TOLERANCE, toBeat: WORTH * plain.after });
}

/** A fit's modules with intervals of their own. */
function withIntervals(fit: JointFit): StyleModules {
  const intervals = intervalsOf(fit);
  const modules = { ...fit.modules };
  for (const name of ['eq', 'dynamics', 'stereo', 'exciter'] as const) {
    if (modules[name].enabled) Object.assign(modules, { [name]: { ...modules[name], intervals: intervals[name] ?? {} } });
  }
  return modules;
}

/**
 * Sets the style's values to those of a chain turned as one, with an exciter where that is heard.
 * @param apart bands that seem to move apart; kept where they are worth it
 * @returns the gain into the limiter
 */
export async function refineTogether(style: Style, problem: JointProblem, apart: readonly CompressorValues[]): Promise<number> {
  const isLimited = style.modules.limiter.status === 'estimated' && style.modules.limiter.reason.code === 'limiter/gain-trace';
  let best = await problem.fit(style, style.modules, { isLimited, iterations: FIRST_TURNS });
  const banded = await inBands(problem, style, apart, isLimited, best);
  if (banded && banded.after < WORTH * best.after) {
    const { values } = banded.modules.dynamics;
    const args = { bands: values.bands.length, percent: Math.round(100 * (1 - banded.after / best.after)) };
    best = { ...banded, modules: { ...banded.modules, dynamics: estimated(values, 1 - banded.after / best.after + 0.3, { code: 'dynamics/bands', args }) } };
  }
  const plain = best;
  const excited = await exciting(problem, style, plain, isLimited);
  if (excited) best = excited;
  const last = await problem.fit(style, best.modules, { isLimited, iterations: LAST_TURNS, tolerance: TOLERANCE });
  best = last.after <= best.after ? last : best;
  const modules = withIntervals(best);
  if (excited) {
    const { values } = modules.exciter;
    const percent = Math.round(100 * (1 - best.after / plain.after));
    modules.exciter = estimated(values, 1 - best.after / plain.after + 0.3, { code: 'exciter/nearer', args: { fHz: Math.round(values.fHz), percent, amount: rounded(values.amount, 2) } }, modules.exciter.intervals);
  }
  Object.assign(style.modules, modules);
  return best.gainDb;
}
