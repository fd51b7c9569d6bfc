import type { JSX } from 'solid-js';
import { createEffect, For, onCleanup } from 'solid-js';
import { disconnect } from '../../audio/input/disconnect.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import type { TakeInput } from '../../jobs/takes-contract.ts';
import { usePalette } from '../../state/palette.ts';
import { eachFrame, sharpContext } from './animation.ts';

const FFT_SIZE = 4096;
const LOWEST_HZ = 30;
const HIGHEST_HZ = 20_000;
const LOWEST_DB = -100;
const HIGHEST_DB = -20;
const TICKS_HZ = [50, 100, 200, 500, 1000, 2000, 5000, 10_000];
/** A point every so many pixels, the loudest bin between it and the next. */
const STEP_PIXELS = 2;

const shareOfHz = (hz: number) => Math.log(hz / LOWEST_HZ) / Math.log(HIGHEST_HZ / LOWEST_HZ);

/** What the microphone hears now, by frequency. */
export function LiveSpectrum(props: { input: TakeInput | null }): JSX.Element {
  const { t, hertz } = useI18n();
  const palette = usePalette();
  let canvas!: HTMLCanvasElement;
  let analyser: AnalyserNode | null = null;
  const bins = new Float32Array(FFT_SIZE / 2);

  createEffect(() => {
    const input = props.input;
    if (!input) return;
    try {
      const node = input.context.createAnalyser();
      node.fftSize = FFT_SIZE;
      node.smoothingTimeConstant = 0.8;
      input.source.connect(node);
      analyser = node;
      onCleanup(() => {
        analyser = null;
        disconnect(input.source, node);
      });
    } catch {
      // A context that is closing: the next input brings another.
    }
  });

  eachFrame(() => {
    const sharp = sharpContext(canvas);
    if (!sharp) return;
    const { context, width, height } = sharp;
    const colors = palette();
    context.fillStyle = colors.line;
    for (const hz of TICKS_HZ) context.fillRect(Math.round(shareOfHz(hz) * width), 0, 1, height);
    if (!analyser) return;
    analyser.getFloatFrequencyData(bins);
    const binHz = analyser.context.sampleRate / FFT_SIZE;
    const hzAt = (x: number) => LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (x / width);
    context.beginPath();
    context.moveTo(0, height);
    let last = height;
    for (let x = 0; x <= width; x += STEP_PIXELS) {
      const from = hzAt(x) / binHz;
      const to = hzAt(x + STEP_PIXELS) / binHz;
      let db = LOWEST_DB;
      if (to - from < 1) {
        // Low down a bin is wider than a step: between bins a straight line.
        const below = Math.floor(from);
        const share = from - below;
        db = (bins[below] ?? LOWEST_DB) * (1 - share) + (bins[below + 1] ?? LOWEST_DB) * share;
      } else for (let bin = Math.floor(from); bin < to; bin += 1) db = Math.max(db, bins[bin] ?? LOWEST_DB);
      const share = Math.min(1, Math.max(0, ((Number.isFinite(db) ? db : LOWEST_DB) - LOWEST_DB) / (HIGHEST_DB - LOWEST_DB)));
      last = height - share * height;
      context.lineTo(x, last);
    }
    context.lineTo(width, height);
    context.closePath();
    context.fillStyle = `color-mix(in srgb, ${colors.result} 22%, transparent)`;
    context.fill();
    context.strokeStyle = colors.result;
    context.lineWidth = 1.5;
    context.stroke();
  });

  return (
    <div class="record-spectrum">
      <canvas ref={canvas} role="img" aria-label={t('record.spectrum')} />
      <div class="record-spectrum-scale number" aria-hidden="true">
        <For each={TICKS_HZ}>
          {(hz) => (
            <span ref={(element) => element.style.setProperty('--at', String(shareOfHz(hz)))} classList={{ minor: ![100, 1000, 10_000].includes(hz) }}>
              {hertz(hz)}
            </span>
          )}
        </For>
      </div>
    </div>
  );
}
