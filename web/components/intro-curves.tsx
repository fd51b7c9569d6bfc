import type { JSX } from 'solid-js';

/** The idea in one picture: the target's curve, the reference's, and the result that follows it. Decoration. */
export function IntroCurves(): JSX.Element {
  return (
    <svg class="intro-curves" viewBox="0 0 240 120" fill="none" aria-hidden="true">
      <path class="intro-grid" d="M0 30h240M0 60h240M0 90h240M60 0v120M120 0v120M180 0v120" />
      <path class="intro-shift" d="M6 30C32 18 54 24 82 44s52 30 82 36 48 22 70 30V74c-24-8-42-14-70-20S104 40 82 34 38 46 6 52Z" />
      <path class="track-target" d="M6 30C32 18 54 24 82 44s52 30 82 36 48 22 70 30" />
      <path class="track-reference dashed" d="M6 54C38 46 60 36 82 36s54 14 82 20 46 12 70 20" />
      <path class="track-result" d="M6 51c32-7 54-18 76-17s54 15 82 21 46 11 70 19" />
    </svg>
  );
}
