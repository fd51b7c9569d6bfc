/** Light, dark or as the system says; remembered, and told to the document. */
import { createEffect, createSignal } from 'solid-js';

export const APPEARANCES = ['auto', 'light', 'dark'] as const;
export type Appearance = (typeof APPEARANCES)[number];

const STORED_AS = 'tonetwin.appearance';

export function createAppearance(storage: Pick<Storage, 'getItem' | 'setItem'> | null) {
  const stored = storage?.getItem(STORED_AS);
  const [appearance, setAppearance] = createSignal<Appearance>(APPEARANCES.find((known) => known === stored) ?? 'auto');
  createEffect(() => {
    document.documentElement.dataset['theme'] = appearance();
    storage?.setItem(STORED_AS, appearance());
  });
  return { appearance, setAppearance };
}
