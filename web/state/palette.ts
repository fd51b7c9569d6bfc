/** The colours of the theme as they are now, for what is drawn on a canvas. */
import { createSignal, onCleanup, onMount } from 'solid-js';
import type { Accessor } from 'solid-js';

const NAMES = ['target', 'result', 'reference', 'ink', 'ink-2', 'ink-3', 'line', 'surface', 'danger'] as const;
export type Palette = Readonly<Record<(typeof NAMES)[number], string>>;

/** Follows the person's choice of light or dark and the system's. */
export function usePalette(): Accessor<Palette> {
  const read = (): Palette => {
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`)])) as Palette;
  };
  const [palette, setPalette] = createSignal(read());
  onMount(() => {
    const update = () => setPalette(read());
    const system = globalThis.matchMedia('(prefers-color-scheme: dark)');
    const observer = new MutationObserver(update);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    system.addEventListener('change', update);
    update();
    onCleanup(() => {
      observer.disconnect();
      system.removeEventListener('change', update);
    });
  });
  return palette;
}
