/** Never worse than without: a module stays only where the whole chain comes nearer to the reference with it. */
import { neutralStyle, type Style, type StyleModules } from '../../../shared/style.ts';
import type { WholeChain } from './whole-chain.ts';

/** The latest estimates, which rest on the others, are asked first. */
const ASKED = ['matchFir', 'exciter', 'dynamics', 'reverb', 'stereo', 'eq'] as const;
/** A module that brings less than this share of the distance is not worth its complexity. */
const WORTH = 0.995;
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
    const idle = neutralStyle(style.engine, style.mode).modules[name];
    Object.assign(style.modules, { [name]: { ...idle, confidence: CONFIDENCE, reason: { code: 'module/no-nearer', args: {} } } });
    distance = plain;
  }
}
