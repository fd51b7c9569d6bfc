/**
 * Never worse than without: a module stays only where the whole chain comes nearer to the reference with it, and a chain
 * only where it comes nearer than doing nothing.
 */
import { loudness } from '../../../shared/params/loudness.ts';
import { clampTo } from '../../../shared/params/effect.ts';
import { neutralStyle, type Style, type StyleModules } from '../../../shared/style.ts';
import { ceilingModule } from './dynamics-module.ts';
import { rounded } from './modules.ts';
import type { WholeChain } from './whole-chain.ts';

/** The latest estimates, which rest on the others, are asked first. */
const ASKED = ['matchFir', 'exciter', 'dynamics', 'reverb', 'stereo', 'eq'] as const;
/** A module that brings less than this share of the distance is not worth its complexity. */
const WORTH = 0.995;
/** A chain must be nearer than doing nothing by this share; less is not known from a few seconds. */
export const BETTER = 0.98;
/** A distance that nobody hears: then nothing gives way. */
const UNHEARD = 0.005;
/** dB by which the loudness gives way, one after the other, where the ceiling does not allow the reference's. */
const QUIETER_DB = [0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 24] as const;
/** How sure it is that nothing was changed there: something was found, but it is not heard. */
const CONFIDENCE = 0.7;

function without<N extends (typeof ASKED)[number]>(modules: StyleModules, name: N): Pick<StyleModules, N> {
  return { [name]: { ...modules[name], enabled: false } } as unknown as Pick<StyleModules, N>;
}

/** Whether the chain is nearer to the reference with a module than without. */
export async function helps(style: Style, chain: WholeChain, name: (typeof ASKED)[number]): Promise<boolean> {
  return (await chain.distance(style)) < WORTH * (await chain.distance(style, without(style.modules, name)));
}

export async function dropWhatDoesNotHelp(style: Style, chain: WholeChain): Promise<void> {
  let distance = await chain.distance(style);
  for (const name of ASKED) {
    const module = style.modules[name];
    if (!module.enabled) continue;
    const changed = without(style.modules, name);
    const plain = await chain.distance(style, changed);
    if (distance < WORTH * plain) continue;
    leaveOut(style, name);
    distance = plain;
  }
}

function leaveOut(style: Style, name: (typeof ASKED)[number] | 'pitch'): void {
  const idle = neutralStyle(style.engine, style.mode).modules[name];
  Object.assign(style.modules, { [name]: { ...idle, confidence: CONFIDENCE, reason: { code: 'module/no-nearer', args: {} } } });
}

/** A limiter below the ceiling asked for stays only where it is heard; else this one keeps peaks under the ceiling. */
export async function dropIdleLimiter(style: Style, chain: WholeChain, ceilingDbtp: number): Promise<void> {
  if (style.modules.limiter.reason.code === 'limiter/ceiling-only') return;
  const body = await chain.body(style);
  const plain = ceilingModule(ceilingDbtp);
  if (chain.distanceOf(body, style.modules.limiter.values) >= WORTH * chain.distanceOf(body, plain.values)) style.modules.limiter = plain;
}

/**
 * The last word: a chain that is no nearer than doing nothing gives way. First the loudness, where it is the ceiling
 * that hurts: a reference whose peaks pass it cannot be as loud under it and sound alike. Then the whole chain.
 * @param chain behind the pitch shift, where there is one
 * @param untouched distance of doing nothing
 * @param ceilingDbtp what peaks are kept under where nothing is left
 */
export async function backOff(style: Style, chain: WholeChain, untouched: number, ceilingDbtp: number): Promise<void> {
  const { modules } = style;
  // Gain and ceiling alone are what doing nothing means here.
  if (![...ASKED, 'pitch' as const].some((name) => modules[name].enabled)) return;
  const body = await chain.body(style);
  const enough = (distance: number): boolean => distance < Math.max(UNHEARD, BETTER * untouched);
  if (enough(chain.distanceOf(body, modules.limiter.values))) return;
  const quieterDb = QUIETER_DB.find((db) => enough(chain.distanceOf(body, modules.limiter.values, db)));
  if (quieterDb !== undefined) return giveWay(style, quieterDb);
  for (const name of [...ASKED, 'pitch'] as const) if (modules[name].enabled) leaveOut(style, name);
  modules.limiter = ceilingModule(ceilingDbtp);
}

function giveWay({ modules }: Style, quieterDb: number): void {
  const { lufs, limiter } = modules;
  if (!lufs.enabled) return;
  const targetDb = clampTo(loudness.parameters.targetDb, lufs.values.targetDb - quieterDb);
  modules.lufs = {
    ...lufs,
    values: { targetDb },
    intervals: { targetDb: [targetDb, lufs.values.targetDb] },
    reason: { code: 'lufs/under-ceiling', args: { lufs: rounded(lufs.values.targetDb), quieterDb: rounded(quieterDb), tpDb: rounded(limiter.values.tpDb) } },
  };
}
