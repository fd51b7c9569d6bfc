/** Draws with the screen for as long as the owner lives; not at all while the page is hidden. */
import { onCleanup, onMount } from 'solid-js';

export function eachFrame(draw: () => void): void {
  onMount(() => {
    let handle = 0;
    const next = () => {
      draw();
      handle = requestAnimationFrame(next);
    };
    handle = requestAnimationFrame(next);
    onCleanup(() => cancelAnimationFrame(handle));
  });
}

/** A canvas as large as it is shown, sharp on any screen. @returns null while it has no size */
export function sharpContext(canvas: HTMLCanvasElement): { readonly context: CanvasRenderingContext2D; readonly width: number; readonly height: number } | null {
  const context = canvas.getContext('2d');
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!context || width === 0 || height === 0) return null;
  const ratio = globalThis.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}
