/**
 * The part of a difference that content does not explain, by the positive-part estimator: nothing up to the content's
 * deviation, all but all of it far beyond.
 *
 * @param content deviation of what content does by itself, in the difference's unit
 * Source: W. James and C. Stein, "Estimation with quadratic loss", 1961; positive part: A. J. Baranchik 1964.
 */
export const shrunk = (difference: number, content: number): number => difference * Math.max(0, 1 - (content / Math.max(1e-6, Math.abs(difference))) ** 2);
