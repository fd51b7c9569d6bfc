/** The ceiling that keeps peaks where the reference's end, where the chain would leave them higher. */
import { describe, expect, test } from 'vitest';
import { neutralStyle, type Style } from '../../../../shared/style.ts';
import type { Stereo } from '../../../../wasm/inversion/paired/excerpts.ts';
import { endPeaks } from '../../../../wasm/inversion/paired/peak-ceiling.ts';
import { judgedStretches, WholeChain } from '../../../../wasm/inversion/paired/whole-chain.ts';
import { engineBinary } from '../../../support/engine.ts';
import { renderArrays } from '../../../support/rendering.ts';
import { truePeakDb } from '../../../support/true-peak.ts';
import { musicLike } from '../../../support/signals.ts';

const RATE = 44_100;
const truePeakDbtp = (rows: Stereo): number => Math.max(...rows.map((row) => truePeakDb(row)));
const take = musicLike(6, RATE, 21) as unknown as Stereo;

/** A shelf as found, and a limiter that is a ceiling only. */
function styleWith(hasShelf = true): Style {
  const style = neutralStyle('', 'A');
  const { eq, limiter } = style.modules;
  style.modules.eq = { ...eq, enabled: hasShelf, status: 'estimated', values: { bands: [{ type: 'high_shelf', fHz: 2500, q: 0.7, gainDb: 6 }] } };
  style.modules.limiter = { ...limiter, enabled: true, status: 'estimated', reason: { code: 'limiter/ceiling-only', args: { tpDb: -1 } } };
  return style;
}

const through = async (style: Style): Promise<Stereo> => (await renderArrays(take, RATE, style, { engine: await engineBinary() })).channels as unknown as Stereo;

/** The shelved take, whose peaks some other maker left lower by some dB and nothing else. */
async function reference(lowerDb: number): Promise<{ rows: Stereo; peakDbtp: number }> {
  const open = styleWith();
  open.modules.limiter.enabled = false;
  const peaks = truePeakDbtp(await through(open));
  if (lowerDb === 0) return { rows: await through(open), peakDbtp: peaks };
  const lowered = styleWith();
  lowered.modules.limiter.values = { ...lowered.modules.limiter.values, tpDb: peaks - lowerDb };
  const rows = await through(lowered);
  return { rows, peakDbtp: truePeakDbtp(rows) };
}

async function ended(style: Style, { rows, peakDbtp }: { rows: Stereo; peakDbtp: number | null }, untouched?: number): Promise<Style> {
  const engine = await engineBinary();
  const chain = await WholeChain.create(engine, RATE, judgedStretches([take], [rows], RATE));
  await endPeaks(style, chain, untouched ?? chain.untouched(), { engine, sampleRate: RATE, targets: [take], references: [rows], referencePeakDbtp: peakDbtp });
  return style;
}

describe('a ceiling only', () => {
  test('goes down to where the peaks of the reference end, and they do end there', async () => {
    const lower = await reference(1.5);
    const style = await ended(styleWith(), lower);
    expect(style.modules.limiter.reason.code).toBe('limiter/reference-peaks');
    expect(Math.abs(truePeakDbtp(await through(style)) - lower.peakDbtp)).toBeLessThan(0.1);
  });

  test('stays where the peaks agree, where nothing is changed, and where the reference is not known to have any', async () => {
    expect(await ended(styleWith(), await reference(0))).toEqual(styleWith());
    expect(await ended(styleWith(false), await reference(1.5))).toEqual(styleWith(false));
    expect(await ended(styleWith(), { ...(await reference(1.5)), peakDbtp: null })).toEqual(styleWith());
  });

  test('takes no more than 3 dB off', async () => {
    const far = await reference(6);
    const style = await ended(styleWith(), far);
    expect(style.modules.limiter.reason.code).toBe('limiter/reference-peaks');
    expect(style.modules.limiter.values.tpDb).toBeGreaterThan(far.peakDbtp + 1);
  });

  test('stays where the chain would no longer be nearer than doing nothing', async () => {
    const lower = await reference(1.5);
    expect((await ended(styleWith(), lower, 1e-6)).modules.limiter).toEqual(styleWith().modules.limiter);
    expect((await ended(styleWith(), lower, 1)).modules.limiter.reason.code).toBe('limiter/reference-peaks');
  });

  test('that a limiter found has set is left alone', async () => {
    const style = styleWith();
    style.modules.limiter.reason = { code: 'limiter/gain-trace', args: { gainDb: 3, errorDb: 0.1 } };
    const before = structuredClone(style);
    expect(await ended(style, await reference(1.5))).toEqual(before);
  });
});
