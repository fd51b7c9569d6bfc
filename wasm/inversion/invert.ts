/** Features (and, where needed, Pcm) of both recordings -> Style. */
import type { Style } from '../../shared/style.ts';
import type { InvertOptions, Measured } from './contract.ts';
import { invertPaired } from './mode-a.ts';
import { invertUnpaired } from './mode-b.ts';

/**
 * The style that lies between a target and a reference.
 *
 * @returns values with 90 % intervals, how sure we are and why, per module; near neutral for a recording and itself
 * @throws AppError 'match/cannot-align' in mode A where the two are different performances, 'job/cancelled'
 */
export function invertParams(reference: Measured, target: Measured, options: InvertOptions): Promise<Style> {
  return options.mode === 'A' ? invertPaired(reference, target, options) : invertUnpaired(reference, target, options);
}
