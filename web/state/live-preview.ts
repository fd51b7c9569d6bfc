/**
 * Lets edits be heard before they are rendered. What a render decides by measuring (the gain to the loudness asked for,
 * whether the limiter runs) is guessed from the last decision while values move, and measured once they rest.
 */
import { createEffect, on, onCleanup } from 'solid-js';
import type { Style } from '../../shared/style.ts';
import { dbToGain } from '../../shared/units.ts';
import type { FinishSettings } from '../../wasm/rendering/checkpoint.ts';
import { limiterValues, loudnessTarget } from '../../wasm/rendering/style-chain.ts';
import type { ResultInfo, TonetwinService } from '../jobs/contract.ts';
import type { Comparison } from './comparison.ts';
import type { StyleEditor } from './style-editor.ts';

/** Values that did not move for so long rest. */
const REST_MS = 350;

const AS_IT_IS: FinishSettings = { gainDb: 0, ceilingDbtp: null, measured: { integratedLufs: null, truePeakDbtp: null }, targetLufs: null };

/**
 * Gain and ceiling of a style before they are measured: the last gain, moved by what the loudness asked for has moved.
 * @param untouchedLufs of the target
 */
export function guessSettings(style: Style, last: FinishSettings, untouchedLufs: number | null): FinishSettings {
  const targetLufs = loudnessTarget(style, untouchedLufs, untouchedLufs);
  const movedLu = targetLufs === null ? -last.gainDb : last.targetLufs === null ? 0 : targetLufs - last.targetLufs;
  const { integratedLufs, truePeakDbtp } = last.measured;
  return {
    gainDb: last.gainDb + movedLu,
    ceilingDbtp: limiterValues(style)?.tpDb ?? null,
    measured: { integratedLufs: integratedLufs === null ? null : integratedLufs + movedLu, truePeakDbtp },
    targetLufs,
  };
}

/** Follows the editor for as long as the owner lives. */
export function createLivePreview(service: TonetwinService, result: ResultInfo, { tracks, player }: Comparison, editor: StyleEditor): void {
  const rendered = tracks.find(({ name }) => name === 'result')!;
  const untouchedLufs = result.targetFeatures.loudness.integratedLufs;
  let last = result.settings ?? AS_IT_IS;
  let resting: ReturnType<typeof setTimeout> | undefined;
  let settling: AbortController | undefined;

  const hear = (style: Style, settings: FinishSettings) => {
    const before = rendered.measured.integratedLufs;
    const { integratedLufs: now, truePeakDbtp } = settings.measured;
    // As loud as the other tracks are played, whatever the edit does to the loudness.
    const gainDb = rendered.gainDb + (before === null || now === null ? 0 : before - now);
    player.setLive({ sound: { style, settings }, gain: dbToGain(truePeakDbtp === null ? gainDb : Math.min(gainDb, -truePeakDbtp)) });
  };
  const measure = async (style: Style) => {
    const work = new AbortController();
    settling = work;
    try {
      const settings = await service.settle(result.targetId, style, { signal: work.signal });
      if (work.signal.aborted) return;
      last = settings;
      hear(style, settings);
    } catch {
      // The guess stays; rendering says what is wrong.
    }
  };
  const stop = () => {
    clearTimeout(resting);
    settling?.abort();
  };

  createEffect(
    on(
      () => JSON.stringify(editor.edited),
      () => {
        stop();
        if (!editor.isDirty()) {
          last = result.settings ?? AS_IT_IS;
          player.setLive(null);
          return;
        }
        const style = editor.style();
        hear(style, guessSettings(style, last, untouchedLufs));
        resting = setTimeout(() => void measure(style), REST_MS);
      },
    ),
  );
  onCleanup(stop);
}
