/** Which elements of a long list are in sight, and how wide the list is: one observer for all of them. */
import { createSignal, onCleanup } from 'solid-js';
import type { Accessor } from 'solid-js';
import { type Palette, usePalette } from './palette.ts';

export interface Sight {
  /** Calls back as an element comes into sight or goes; ends with the owner. */
  watch(element: Element, listener: (isSeen: boolean) => void): void;
  /** Changes when pictures have to be drawn again. */
  readonly width: Accessor<number>;
  readonly palette: Accessor<Palette>;
}

/** A little before they are in sight: a picture is there when its row is. */
const AHEAD = '200px 0px';

export function createSight(): Sight {
  const listeners = new WeakMap<Element, (isSeen: boolean) => void>();
  const observer = new IntersectionObserver((found) => found.forEach(({ target, isIntersecting }) => listeners.get(target)?.(isIntersecting)), { rootMargin: AHEAD });
  const [width, setWidth] = createSignal(innerWidth);
  const follow = (): void => void setWidth(innerWidth);
  addEventListener('resize', follow);
  onCleanup(() => {
    observer.disconnect();
    removeEventListener('resize', follow);
  });
  return {
    watch(element, listener) {
      listeners.set(element, listener);
      observer.observe(element);
      onCleanup(() => observer.unobserve(element));
    },
    width,
    palette: usePalette(),
  };
}
