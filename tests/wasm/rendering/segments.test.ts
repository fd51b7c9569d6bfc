import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import type { Style } from '../../../shared/style.ts';
import { planRender, render, type RenderCheckpoint } from '../../../wasm/rendering/render.ts';
import { memoryScratch } from '../../../wasm/rendering/scratch.ts';
import { renderSegment, type SegmentPool, singlePool } from '../../../wasm/rendering/segment-task.ts';
import { engineBinary } from '../../support/engine.ts';
import { memorySink, renderArrays } from '../../support/rendering.ts';
import { difference } from '../../support/samples.ts';
import { musicLike } from '../../support/signals.ts';
import { STYLE_WITH_EVERYTHING } from '../../support/styles.ts';

// 8 kHz keeps a recording of three segments small; the grid is in seconds.
const RATE = 8000;
const [left, right] = musicLike(200, RATE, 11);

/** Everything that converges: the pitch shift does not. */
function convergingStyle(): Style {
  const style = structuredClone(STYLE_WITH_EVERYTHING);
  style.modules.pitch.enabled = false;
  style.modules.exciter.values.fHz = 1500;
  return style;
}

test('joins differ from the sequential render by less than -90 dBFS', async () => {
  const engine = await engineBinary();
  const whole = await renderArrays([left, right], RATE, convergingStyle(), { engine });
  const joined = await renderArrays([left, right], RATE, convergingStyle(), { engine, segments: singlePool(engine) });
  expect(joined.report.frames).toBe(whole.report.frames);
  const gain = 10 ** ((joined.report.gainDb - whole.report.gainDb) / 20);
  for (const c of [0, 1]) {
    // The search may end at gains that differ in the fourth decimal; the joins are what is looked at.
    const { largest } = difference(joined.channels[c]!.map((x) => x / gain), whole.channels[c]!);
    expect(20 * Math.log10(largest)).toBeLessThan(-90);
  }
});

test('segments end where a sequential render ends, however long a reverb may ring out', async () => {
  const engine = await engineBinary();
  const style = convergingStyle();
  style.modules.reverb.values.ringOutSeconds = 0.3;
  const [whole, joined] = [await renderArrays([left, right], RATE, style, { engine }), await renderArrays([left, right], RATE, style, { engine, segments: singlePool(engine) })];
  expect(whole.report.frames).toBe(left.length + 0.3 * RATE);
  expect(joined.report.frames).toBe(whole.report.frames);
});

test('the samples do not depend on how many work at once, nor on who is done first', async () => {
  const engine = await engineBinary();
  const wide: SegmentPool = {
    size: 3,
    render: async (task, input, signal) => {
      const rows = await renderSegment(engine, task, input, signal);
      await new Promise((resolve) => setTimeout(resolve, task.primeFrames === 0 ? 30 : 0));
      return rows;
    },
  };
  const [one, three] = [
    await renderArrays([left, right], RATE, convergingStyle(), { engine, segments: singlePool(engine) }),
    await renderArrays([left, right], RATE, convergingStyle(), { engine, segments: wide }),
  ];
  expect(difference(one.channels[0]!, three.channels[0]!).first).toBe(-1);
  expect(difference(one.channels[1]!, three.channels[1]!).first).toBe(-1);
});

test('a segmented render that died goes on to the same samples, with or without a pool', async () => {
  const engine = await engineBinary();
  const whole = await renderArrays([left, right], RATE, convergingStyle(), { engine, segments: singlePool(engine) });
  const [sink, scratch, abort] = [memorySink(), memoryScratch(), new AbortController()];
  const checkpoints: RenderCheckpoint[] = [];
  const dying = render(pcmFromArrays([left, right], RATE), convergingStyle(), {
    engine, sink, scratch, segments: singlePool(engine), signal: abort.signal,
    onCheckpoint: async (checkpoint) => {
      checkpoints.push(checkpoint);
      abort.abort();
    },
  });
  await expect(dying).rejects.toMatchObject({ code: 'job/cancelled' });
  expect(checkpoints).toHaveLength(1);
  await render(pcmFromArrays([left, right], RATE), convergingStyle(), { engine, sink, scratch, checkpoint: checkpoints[0]! });
  expect(difference(sink.channels()[0]!, whole.channels[0]!).first).toBe(-1);
});

test('a pitch shift, a very slow compressor or a short recording is rendered in one go', async () => {
  const engine = await engineBinary();
  const plan = async (style: Style, frames = left.length) =>
    (await planRender(pcmFromArrays([left.subarray(0, frames)], RATE), style, engine)).canSegment;
  expect(await plan(convergingStyle())).toBe(true);
  expect(await plan(convergingStyle(), 60 * RATE)).toBe(false);
  expect(await plan(STYLE_WITH_EVERYTHING)).toBe(false);
  const slow = convergingStyle();
  for (const band of slow.modules.dynamics.values.bands) band.releaseMs = 3000;
  expect(await plan(slow)).toBe(false);
});
