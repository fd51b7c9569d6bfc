/** What a figure of the README is: a plot of what the product's own inverters find on seeded examples. */
import type { Plot } from './plot.ts';

export interface Figure {
  /** Of the file, wasm/figures/NAME.svg. */
  readonly name: string;
  readonly title: string;
  /** @throws Error where an inverter did not find what the figure is to show */
  draw(): Promise<Plot>;
}
