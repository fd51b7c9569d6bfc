import type { JSX } from 'solid-js';

/** A share of 100 % that screen readers can ask for. */
export function ProgressBar(props: { percent: number; label: string }): JSX.Element {
  const shown = () => Math.round(Math.min(100, Math.max(0, props.percent)));
  return (
    <div class="progress" role="progressbar" aria-label={props.label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={shown()}>
      <div style={{ width: `${shown()}%` }} />
    </div>
  );
}
