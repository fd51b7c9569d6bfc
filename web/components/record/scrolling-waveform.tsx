import type { JSX } from 'solid-js';
import { COLUMN_SECONDS } from '../../audio/input/meter-messages.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import type { History } from '../../state/input-meter.ts';
import { SHOWN_SECONDS } from '../../state/input-meter.ts';
import { usePalette } from '../../state/palette.ts';
import { eachFrame, sharpContext } from './animation.ts';

/** A bar of the waveform and the space after it. */
const BAR_PIXELS = 2;
const STEP_PIXELS = 3;
/** Heights are powers of amplitudes: speech at a sensible level, 20 dB below full scale, fills a third of the picture. */
const HEIGHT_POWER = 0.5;
/** Readings come in bundles: what is shown lags by one, so that it moves evenly. */
const LAG_COLUMNS = 6;

/** The last seconds of the microphone, moving to the left; what a take holds is in the colour of recording. */
export function ScrollingWaveform(props: { history: History }): JSX.Element {
  const { t } = useI18n();
  const palette = usePalette();
  let canvas!: HTMLCanvasElement;

  eachFrame(() => {
    const sharp = sharpContext(canvas);
    if (!sharp) return;
    const { context, width, height } = sharp;
    const { min, max, recorded, marks, written, writtenMs } = props.history;
    const colors = palette();
    const columns = max.length;
    const middle = height / 2;
    const perPixel = columns / width;
    context.fillStyle = colors.line;
    context.fillRect(0, middle - 0.5, width, 1);
    if (written === 0) return;
    // Between two readings the picture goes on moving.
    const waiting = Math.min(LAG_COLUMNS, (performance.now() - writtenMs) / (1000 * COLUMN_SECONDS));
    const newest = written + waiting - LAG_COLUMNS;
    // Bars stand on whole steps of the recording, so that their heights do not flicker while they move.
    const columnsPerBar = STEP_PIXELS * perPixel;
    const lastBar = Math.floor(newest / columnsPerBar);
    for (let bar = lastBar; bar >= 0; bar -= 1) {
      const x = width - (newest - bar * columnsPerBar) / perPixel;
      if (x < -STEP_PIXELS) break;
      const [from, to] = [Math.floor(bar * columnsPerBar), Math.floor((bar + 1) * columnsPerBar)];
      if (to > written || from <= written - columns) continue;
      let [low, high, inTake] = [0, 0, 0];
      for (let column = from; column < to; column += 1) {
        const at = column % columns;
        low = Math.min(low, min[at]!);
        high = Math.max(high, max[at]!);
        inTake = Math.max(inTake, recorded[at]!);
      }
      const top = middle - Math.max(1, Math.min(1, high) ** HEIGHT_POWER * middle * 0.96);
      const bottom = middle + Math.max(1, Math.min(1, -low) ** HEIGHT_POWER * middle * 0.96);
      context.fillStyle = inTake ? colors.danger : colors['ink-3'];
      context.globalAlpha = inTake ? 1 : 0.55;
      context.beginPath();
      context.roundRect(x, top, BAR_PIXELS, bottom - top, 1);
      context.fill();
    }
    context.globalAlpha = 1;
    context.fillStyle = colors.target;
    for (const mark of marks) {
      const x = width - (newest - mark) / perPixel;
      if (x < -8 || x > width) continue;
      context.fillRect(x, 0, 1.5, height);
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x + 9, 4.5);
      context.lineTo(x, 9);
      context.fill();
    }
  });

  return <canvas ref={canvas} class="record-wave" role="img" aria-label={t('record.waveform', { seconds: SHOWN_SECONDS })} />;
}
