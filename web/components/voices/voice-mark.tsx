import type { JSX } from 'solid-js';

const BARS = 5;

/** A small picture that goes with a name: bars whose heights are the name's own, in one of the three colours. */
export function VoiceMark(props: { name: string; large?: boolean }): JSX.Element {
  /** FNV-1a, 32 bits. */
  const seed = () => [...props.name].reduce((hash, letter) => Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193) >>> 0, 0x811c9dc5);
  const tone = () => (['target', 'result', 'reference'] as const)[seed() % 3]!;
  const bars = () => Array.from({ length: BARS }, (_, bar) => 5 + ((seed() >>> (5 * bar)) % 14));
  return (
    <span class={`voice-mark track-${tone()}`} classList={{ large: props.large ?? false }} aria-hidden="true">
      <svg viewBox="0 0 28 28" width="100%" height="100%">
        <path d={bars().map((height, bar) => `M${6 + 4 * bar} ${14 - height / 2}v${height}`).join('')} stroke="currentColor" stroke-width="2.4" stroke-linecap="round" fill="none" />
      </svg>
    </span>
  );
}
