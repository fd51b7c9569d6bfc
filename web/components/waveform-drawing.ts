import type { Peaks } from '../jobs/contract.ts';

export interface WaveformPicture {
  readonly peaks: Peaks;
  readonly color: string;
  /** fit: the loudest column fills the height; a number: gain applied before drawing. */
  readonly scale: 'fit' | number;
  /** Width of the picture in lengths of the recording; under 1 its start alone is drawn. */
  readonly span?: number;
  /** Beyond the recording's end: again from its start, or nothing. */
  readonly loops?: boolean;
}

/** Draws columns from minimum to maximum around the middle, sharp on any screen. */
export function drawWaveform(canvas: HTMLCanvasElement, picture: WaveformPicture): void {
  const context = canvas.getContext('2d');
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!context || width === 0 || height === 0) return;
  const ratio = globalThis.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = picture.color;
  const { min, max } = picture.peaks;
  const columns = max.length;
  if (columns === 0) return;
  let loudest = 1e-6;
  if (picture.scale === 'fit') for (let c = 0; c < columns; c++) loudest = Math.max(loudest, max[c] ?? 0, -(min[c] ?? 0));
  const gain = picture.scale === 'fit' ? 0.96 / loudest : picture.scale;
  const middle = height / 2;
  const step = 1 / ratio;
  const columnsPerPixel = (columns * (picture.span ?? 1)) / width;
  context.beginPath();
  for (let x = 0; x < width; x += step) {
    const from = Math.floor(x * columnsPerPixel);
    if (from >= columns && !picture.loops) break;
    const to = Math.max(from + 1, Math.floor((x + step) * columnsPerPixel));
    let [low, high] = [0, 0];
    for (let c = from; c < to; c++) {
      low = Math.min(low, min[c % columns] ?? 0);
      high = Math.max(high, max[c % columns] ?? 0);
    }
    const top = middle - Math.min(1, high * gain) * middle;
    const bottom = middle - Math.max(-1, low * gain) * middle;
    context.rect(x, top, step, Math.max(step, bottom - top));
  }
  context.fill();
}
