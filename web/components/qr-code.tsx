import type { JSX } from 'solid-js';
import { createMemo } from 'solid-js';
import { encode } from 'uqr';
import './qr-code.css';

/** A text as a code for a camera. Dark on light in every appearance: cameras want it so. */
export function QrCode(props: { text: string; label: string }): JSX.Element {
  const code = createMemo(() => encode(props.text, { ecc: 'M', border: 2 }));
  const squares = (): string => code().data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg class="qr-code" viewBox={`0 0 ${code().size} ${code().size}`} role="img" aria-label={props.label} shape-rendering="crispEdges">
      <path class="qr-code-back" d={`M0 0h${code().size}v${code().size}h-${code().size}z`} />
      <path class="qr-code-front" d={squares()} />
    </svg>
  );
}
