import { beforeAll, expect, test } from 'vitest';
import { neutralStyle, type Style } from '../../../../shared/style.ts';
import type { Stereo } from '../../../../wasm/inversion/paired/excerpts.ts';
import { backOff, dropIdleLimiter, dropWhatDoesNotHelp } from '../../../../wasm/inversion/paired/verification.ts';
import { judgedStretches, WholeChain } from '../../../../wasm/inversion/paired/whole-chain.ts';
import { engineBinary } from '../../../support/engine.ts';
import { renderArrays } from '../../../support/rendering.ts';
import { musicLike } from '../../../support/signals.ts';

const RATE = 44_100;
const take = musicLike(6, RATE, 21) as unknown as Stereo;

function styleWith(gainDb: number, targetDb: number): Style {
  const style = neutralStyle('', 'A');
  const { eq, lufs, limiter } = style.modules;
  style.modules.eq = { ...eq, enabled: gainDb !== 0, status: 'estimated', values: { bands: [{ type: 'high_shelf', fHz: 2500, q: 0.7, gainDb }] } };
  style.modules.lufs = { ...lufs, enabled: true, status: 'estimated', values: { targetDb } };
  style.modules.limiter = { ...limiter, enabled: true, status: 'estimated' };
  return style;
}

/** The take through a shelf and a gain, with nothing to keep its peaks. */
async function shelved(gainDb: number, louder: number): Promise<Stereo> {
  const style = styleWith(gainDb, -20);
  style.modules.lufs.enabled = false;
  style.modules.limiter.enabled = false;
  const { channels } = await renderArrays(take, RATE, style, { engine: await engineBinary() });
  return channels.map((row) => row.map((x) => louder * x)) as unknown as Stereo;
}

let plain: WholeChain;
beforeAll(async () => {
  plain = await WholeChain.create(await engineBinary(), RATE, judgedStretches([take], [await shelved(6, 0.5)], RATE));
});

test('a chain that comes nearer than doing nothing is left as it is', async () => {
  const style = styleWith(5, -24);
  await dropWhatDoesNotHelp(style, plain);
  await backOff(style, plain, plain.untouched(), -1);
  expect(style).toEqual(styleWith(5, -24));
});

test('a chain that is further than doing nothing is left out, and says so', async () => {
  const style = styleWith(-9, -24);
  expect(await plain.distance(style)).toBeGreaterThan(plain.untouched());
  await backOff(style, plain, plain.untouched(), -1);
  expect(style.modules.eq).toMatchObject({ enabled: false, reason: { code: 'module/no-nearer' } });
  expect(style.modules.lufs).toEqual(styleWith(0, -24).modules.lufs);
  expect(style.modules.limiter).toMatchObject({ enabled: true, values: { tpDb: -1 } });
});

test('where only the ceiling takes a chain further than doing nothing, the loudness gives way and nothing else', async () => {
  // Louder than full scale allows: only a file of floats holds it.
  const reference = await shelved(3, 12);
  const chain = await WholeChain.create(await engineBinary(), RATE, judgedStretches([take], [reference], RATE));
  const style = styleWith(3, 2);
  expect(await chain.distance(style)).toBeGreaterThan(chain.untouched());
  await backOff(style, chain, chain.untouched(), -1);
  const { eq, lufs } = style.modules;
  expect(eq).toEqual(styleWith(3, 2).modules.eq);
  expect(lufs.values.targetDb).toBeLessThan(2);
  expect(lufs.reason.code).toBe('lufs/under-ceiling');
  expect(await chain.distance(style, {}, 2 - lufs.values.targetDb)).toBeLessThan(chain.untouched());
});

test('a recording and itself: nothing gives way, not even where its peaks pass the ceiling', async () => {
  for (const louder of [1, 8]) {
    const loud = take.map((row) => row.map((x) => louder * x)) as unknown as Stereo;
    const chain = await WholeChain.create(await engineBinary(), RATE, judgedStretches([loud], [loud], RATE));
    const style = styleWith(0, -20);
    await backOff(style, chain, chain.untouched(), -1);
    expect(style).toEqual(styleWith(0, -20));
  }
});

test('a limiter that is not heard makes place for the ceiling; one that is heard stays', async () => {
  const limited = (tpDb: number): Style => {
    const style = styleWith(6, -24);
    const { limiter } = style.modules;
    style.modules.limiter = { ...limiter, values: { ...limiter.values, tpDb }, reason: { code: 'limiter/gain-trace', args: { gainDb: 3, errorDb: 0.1 } } };
    return style;
  };
  // The reference has its peaks: a limiter far over them does nothing, one far under them only harm.
  for (const tpDb of [-0.5, -20]) {
    const style = limited(tpDb);
    await dropIdleLimiter(style, plain, -1);
    expect(style.modules.limiter).toMatchObject({ values: { tpDb: -1 }, reason: { code: 'limiter/ceiling-only' } });
  }
  // A limiter of our own, so that nothing else is in question.
  const driven = limited(-26);
  driven.modules.lufs.values.targetDb = -18;
  const { channels } = await renderArrays(take, RATE, driven, { engine: await engineBinary() });
  const chain = await WholeChain.create(await engineBinary(), RATE, judgedStretches([take], [channels as unknown as Stereo], RATE));
  const style = limited(-26);
  await dropIdleLimiter(style, chain, -1);
  expect(style).toEqual(limited(-26));
});
