import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import type { Style } from '../../../shared/style.ts';
import { planRender, render, type RenderCheckpoint } from '../../../wasm/rendering/render.ts';
import { memoryScratch } from '../../../wasm/rendering/scratch.ts';
import { renderSegment, type SegmentPool, type SegmentTask, singlePool } from '../../../wasm/rendering/segment-task.ts';
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
  // Without a loudness to be found: the two would search on different ways.
  const style = convergingStyle();
  style.modules.lufs.enabled = false;
  style.modules.limiter.values.tpDb = -12;
  const whole = await renderArrays([left, right], RATE, style, { engine });
  const joined = await renderArrays([left, right], RATE, style, { engine, segments: singlePool(engine) });
  expect(joined.report.frames).toBe(whole.report.frames);
  expect(joined.report.settings.ceilingDbtp).not.toBeNull();
  for (const c of [0, 1]) {
    const { largest } = difference(joined.channels[c]!, whole.channels[c]!);
    expect(20 * Math.log10(largest)).toBeLessThan(-90);
  }
});

test('both find the loudness that is asked for, to within 0.05 LU, behind a limiter that works hard', async () => {
  const engine = await engineBinary();
  const style = convergingStyle();
  style.modules.lufs.values.targetDb = -12;
  for (const segments of [null, singlePool(engine)]) {
    const { report } = await renderArrays([left, right], RATE, style, { engine, segments });
    expect(report.settings.ceilingDbtp).not.toBeNull();
    expect(report.notices).toEqual([]);
    expect(Math.abs(report.integratedLufs! + 12)).toBeLessThanOrEqual(0.05);
  }
});

test('into a sink that can begin again the pass that is measured is the result', async () => {
  const engine = await engineBinary();
  const style = convergingStyle();
  style.modules.lufs.values.targetDb = -12;
  for (const segments of [null, singlePool(engine)]) {
    const [once, again] = [memorySink(), memorySink()];
    let passes = 0;
    const restarts = { write: again.write, restart: async () => void ((passes += 1), again.truncate(0)) };
    const tasks: SegmentTask[] = [];
    const counted = segments && { ...segments, render: (...words: Parameters<SegmentPool['render']>) => (tasks.push(words[0]), segments.render(...words)) };
    const report = await render(pcmFromArrays([left, right], RATE), style, { engine, segments: counted, sink: restarts, scratch: memoryScratch() });
    const plain = await render(pcmFromArrays([left, right], RATE), style, { engine, segments, sink: once, scratch: memoryScratch() });
    expect(report).toEqual(plain);
    expect(again.frames).toBe(once.frames);
    for (const c of [0, 1]) expect(difference(again.channels()[c]!, once.channels()[c]!).first).toBe(-1);
    // Segments: the body once, a third of them to learn from, and as many whole passes as were written.
    if (segments) expect(tasks.filter(({ wantsSamples }) => wantsSamples)).toHaveLength(7 * (2 + passes));
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
