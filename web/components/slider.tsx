import type { JSX } from 'solid-js';
import { createEffect } from 'solid-js';
import './slider.css';

/** A native slider that shows its share; moves with the keyboard and a finger alike. */
export function Slider(props: {
  label: string;
  min: number;
  max: number;
  step: number;
  value: number;
  valueText?: string;
  disabled?: boolean;
  onInput: (value: number) => void;
}): JSX.Element {
  let input!: HTMLInputElement;
  createEffect(() => {
    const { min, max, value } = props;
    input.value = String(value);
    input.style.setProperty('--share', `${max > min ? (100 * (value - min)) / (max - min) : 0}%`);
  });
  return (
    <input
      ref={input}
      class="slider"
      type="range"
      aria-label={props.label}
      aria-valuetext={props.valueText}
      min={props.min}
      max={props.max}
      step={props.step}
      disabled={props.disabled}
      onInput={(event) => props.onInput(event.currentTarget.valueAsNumber)}
    />
  );
}
